-- Gives the vocabulary of reports/README.md its meaning in HTML and in Typst, for both engines.
-- Under Quarto it runs at `pre-ast`, so that Quarto finds nothing left to number or to restyle.
--
-- Text comes from data: raw HTML, raw Typst and formulas that the reader let through are turned
-- back into their own letters before anything else; only this filter writes raw code.

local IS_TYPST = FORMAT:match("typst") ~= nil
local FMT = IS_TYPST and "typst" or "html"
local OPTIONS = pandoc.WriterOptions { wrap_text = "none" }
local BRIEF = {}

-- Small tools ---------------------------------------------------------------------------------

local function raw(text) return pandoc.RawBlock(FMT, text) end
local function raw_inline(text) return pandoc.RawInline(FMT, text) end
local function has(el, class) return el.classes ~= nil and el.classes:includes(class) end

local TYPST_ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local function typst_string(text) return '"' .. text:gsub('[\\"\n\r\t]', TYPST_ESCAPES) .. '"' end

-- Typst sets a hyphen before a figure as a minus, three points as one sign, and a lone +, -, = or
-- "1." as a list or heading. Words like these are handed over as strings, which it leaves alone.
-- One letter and a hyphen, as in e-PPGBM, stay with their word.
local function literal(el)
  local text = el.text
  local before, joined, after = text:match("^(%p*)(%a%-%u%w*)(.*)$")
  if joined then
    local out = "#box(" .. typst_string(joined) .. ");"
    if before ~= "" then out = "#" .. typst_string(before) .. ";" .. out end
    if after ~= "" then out = out .. "#" .. typst_string(after) .. ";" end
    return pandoc.RawInline("typst", out)
  end
  if text:match("^[-+=/]+$") or text:match("^%d+[.)]$") or text:match("%.%.%.") or text:match("%-[%d?-]") then
    return pandoc.RawInline("typst", "#" .. typst_string(text) .. ";")
  end
end

-- Write several pieces in one go: a call of the writer costs far more than what it writes.
local function write_all(pieces)
  local joined = pandoc.Blocks {}
  for i, piece in ipairs(pieces) do
    if i > 1 then joined:insert(raw("\1")) end
    joined:extend(piece)
  end
  if IS_TYPST then joined = joined:walk { Str = literal } end
  local out = {}
  for text in (pandoc.write(pandoc.Pandoc(joined), FMT, OPTIONS) .. "\1"):gmatch("([^\1]*)\1") do
    out[#out + 1] = text:match("^%s*(.-)%s*$")
  end
  return out
end

local function write(blocks) return write_all({ blocks })[1] end

local function plain(blocks)
  if #blocks == 1 and blocks[1].t == "Plain" then return blocks end
  return pandoc.Blocks { pandoc.Plain(pandoc.utils.blocks_to_inlines(blocks)) }
end

local HTML_ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function html_text(text) return (text:gsub('[&<>"]', HTML_ESCAPES)) end

local function sorted_keys(tbl)
  local keys = {}
  for key in pairs(tbl) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- A JSON value as a Typst literal: text stays a string there, so it can never be code.
local function typst_value(value)
  local kind = type(value)
  if kind == "string" then return typst_string(value) end
  if kind == "boolean" or kind == "number" then return tostring(value) end
  if kind ~= "table" then return "none" end
  local parts = {}
  if #value > 0 or next(value) == nil then
    for _, item in ipairs(value) do parts[#parts + 1] = typst_value(item) .. "," end
  else
    for _, key in ipairs(sorted_keys(value)) do
      parts[#parts + 1] = typst_string(key) .. ": " .. typst_value(value[key]) .. ","
    end
  end
  return "(" .. table.concat(parts, " ") .. ")"
end

local function percent(text, what)
  local number = text and tonumber(text:match("^%s*([%d%.]+)%s*%%?%s*$"))
  if text and not number then error("brief: " .. what .. " must be a percentage, found " .. text, 0) end
  return number
end

local function label(name) return (BRIEF.labels or {})[name] or "" end

-- Neutral text --------------------------------------------------------------------------------

local neutral = {
  RawInline = function(el) return pandoc.Str(el.text) end,
  RawBlock = function(el) return pandoc.Plain { pandoc.Str(el.text) } end,
  Math = function(el) return pandoc.Str("$" .. el.text .. "$") end,
  -- Cells of the notebook are no boxes of their own; its raw cell speaks to Quarto alone.
  Div = function(el)
    if has(el, "cell") and has(el, "raw") then return {} end
    if has(el, "cell") or has(el, "output") then return el.content end
  end,
}

-- Figures -------------------------------------------------------------------------------------

local function alternative_text(image, caption)
  -- The reader turns alt="" into the image's text where the image has a caption.
  local alt = image.attributes.alt or pandoc.utils.stringify(image.caption)
  if alt == "" or (caption and alt == pandoc.utils.stringify(caption)) then
    error("brief: figure " .. image.src .. " has no alternative text of its own (alt=\"...\")", 0)
  end
  return alt
end

local function check_source(image)
  if image.src:match("^%a[%w+.-]*:") or image.src:match("^//") then
    error("brief: figure " .. image.src .. " must be a file of the brief's folder", 0)
  end
end

local function typst_image(image, alt)
  return "(..size) => image(" .. typst_string(image.src) .. ", alt: " .. typst_string(alt) .. ", ..size)"
end

local function typst_figure(image, caption)
  local width = percent(image.attributes.width, "the width of figure " .. image.src)
  local kind = has(image, "qr") and "qr" or "plain"
  return raw(table.concat({
    "#brief-figure(fit, " .. typst_image(image, alternative_text(image, caption)),
    'kind: "' .. kind .. '"',
    "width: " .. (width and (width .. "%") or "auto"),
    "caption: " .. (caption and ("[" .. write(caption) .. "]") or "none"),
  }, ", ") .. ")")
end

-- A chart inside the page itself, as its neighbour has it ready; left to Pandoc where there is none.
local function inside_page(source)
  local file = source:match("%.svg$") and io.open(source .. ".url", "rb")
  if not file then return html_text(source) end
  local text = file:read("a")
  file:close()
  return text
end

local function html_image(image, alt)
  local width = percent(image.attributes.width, "the width of figure " .. image.src)
  local style = width and (' style="--width:' .. width .. '%"') or ""
  return '<img src="' .. inside_page(image.src) .. '" alt="' .. html_text(alt) .. '"' .. style .. ">"
end

local function html_figure(image, caption, id)
  local alt = alternative_text(image, caption)
  local wide = has(image, "wide") or has(image, "spine")
  local name = html_text(caption and pandoc.utils.stringify(caption) or alt)
  -- A wide chart scrolls inside its own frame on a phone, so the frame takes the keyboard.
  local frame = wide and ('<div class="pane" role="group" tabindex="0" aria-label="' .. name .. '">') or "<div>"
  -- Quarto numbers whatever is called fig-; this layout has no numbers.
  local anchor = id ~= "" and (' id="' .. html_text((id:gsub("^fig%-", "f-"))) .. '"') or ""
  local title = caption and ("<figcaption>" .. write(plain(caption)) .. "</figcaption>") or ""
  local classes = #image.classes > 0 and (' class="' .. html_text(table.concat(image.classes, " ")) .. '"') or ""
  return raw("<figure" .. anchor .. classes .. ">"
    .. title .. frame .. html_image(image, alt) .. "</div></figure>")
end

local function figure(image, caption, id)
  check_source(image)
  if caption and (has(image, "bare") or #caption == 0) then caption = nil end
  if IS_TYPST then return typst_figure(image, caption) end
  return html_figure(image, caption, id)
end

local function on_figure(el)
  local image
  el:walk { Image = function(found) image = image or found end }
  if image then
    image.classes:extend(el.classes)
    return figure(image, el.caption.long, el.identifier ~= "" and el.identifier or image.identifier)
  end
end

local function lone_image(el)
  if #el.content == 1 and el.content[1].t == "Image" then
    return figure(el.content[1], nil, el.content[1].identifier)
  end
end

local function on_icon(image)
  check_source(image)
  local alt = alternative_text(image, nil)
  if IS_TYPST then return raw_inline("#brief-icon(" .. typst_image(image, alt) .. ")") end
  return raw_inline('<img class="icon" src="' .. inside_page(image.src) .. '" alt="' .. html_text(alt) .. '">')
end

-- Tables --------------------------------------------------------------------------------------

local function table_rows(el)
  local head, body = {}, {}
  for _, row in ipairs(el.head.rows) do head[#head + 1] = row end
  for _, part in ipairs(el.bodies) do
    for _, row in ipairs(part.head) do body[#body + 1] = row end
    for _, row in ipairs(part.body) do body[#body + 1] = row end
  end
  for _, row in ipairs(el.foot.rows) do body[#body + 1] = row end
  return head, body
end

-- The last column of decisions is for a pen: the layout draws the box, so a lone sign for one goes.
local function clear_pen_cells(el)
  for _, part in ipairs(el.bodies) do
    for _, row in ipairs(part.body) do
      local cell = row.cells[#row.cells]
      if pandoc.utils.stringify(cell.contents):match("^%s*☐?%s*$") then cell.contents = {} end
    end
  end
  return el
end

local function column_widths(el, div)
  local widths = {}
  for text in ((div and div.attributes.widths) or ""):gmatch("%S+") do
    widths[#widths + 1] = percent(text, "a column width")
  end
  if #widths > 0 and #widths ~= #el.colspecs then
    error("brief: widths=\"" .. div.attributes.widths .. "\" names " .. #widths .. " columns, the table has " .. #el.colspecs, 0)
  end
  return #widths > 0 and widths or nil
end

local ALIGN = { AlignRight = "right", AlignCenter = "center" }

-- Texts of a table: of the cells of its head and of its body, row by row, and of its caption.
local function table_texts(el, as)
  local head, body = table_rows(el)
  local pieces = { as(el.caption.long) }
  for _, rows in ipairs { head, body } do
    for _, row in ipairs(rows) do
      for _, cell in ipairs(row.cells) do pieces[#pieces + 1] = as(cell.contents) end
    end
  end
  local written, at = write_all(pieces), 1
  local function texts(rows)
    local out = {}
    for r, row in ipairs(rows) do
      out[r] = {}
      for c in ipairs(row.cells) do
        at = at + 1
        out[r][c] = written[at]
      end
    end
    return out
  end
  return texts(head), texts(body), #el.caption.long > 0 and written[1] or nil
end

-- In a grouped table an empty first cell belongs to the one above it. Rows that each first cell
-- spans; 0 for one that another spans.
local function spans(texts)
  local out, first = {}, 1
  for r, row in ipairs(texts) do
    if r > 1 and row[1]:match("^%s*$") then
      out[first], out[r] = out[first] + 1, 0
    else
      first, out[r] = r, 1
    end
  end
  return out
end

local function typst_table(el, kind, widths, grouped)
  local head, body, caption = table_texts(el, function(contents) return contents end)
  local columns, aligns, header, cells = {}, {}, {}, {}
  for i, spec in ipairs(el.colspecs) do
    columns[i] = (widths and (widths[i] .. "fr") or "auto") .. ","
    aligns[i] = (ALIGN[spec[1]] or "left") .. ","
  end
  local function add(texts, into)
    local span_of = grouped and spans(texts)
    for r, row in ipairs(texts) do
      for c, text in ipairs(row) do
        local span = c == 1 and span_of and span_of[r]
        if span ~= 0 then
          local cell = (span and span > 1) and ("table.cell(rowspan: " .. span .. ", align: left + top)") or ""
          into[#into + 1] = cell .. "[" .. text .. "],"
        end
      end
    end
  end
  add(head, header)
  add(body, cells)
  return raw(table.concat({
    '#brief-table(fit, kind: "' .. kind .. '", caption: ' .. (caption and ("[" .. caption .. "]") or "none") .. ",",
    "columns: (" .. table.concat(columns, " ") .. "), align: (" .. table.concat(aligns, " ") .. "),",
    "header: (" .. table.concat(header, " ") .. "),",
    table.concat(cells, "\n"), ")" }, "\n"))
end

local function html_colgroup(widths)
  local out = {}
  for i, width in ipairs(widths or {}) do out[i] = '<col style="width:' .. width .. '%">' end
  return widths and ("<colgroup>" .. table.concat(out) .. "</colgroup>") or ""
end

-- The decision table is stacked on a phone; there `display: block` would take its meaning away
-- from a screen reader, so its parts carry their roles and each cell the name of its column.
local function html_table(el, kind, widths, grouped)
  local heads, rows, caption = table_texts(el, plain)
  local stacked = kind == "decision"
  local names, out = {}, {}
  local function put(text) out[#out + 1] = text end
  local function role(name) return stacked and (' role="' .. name .. '"') or "" end
  local function class(i, extra)
    local names_of = ((ALIGN[el.colspecs[i][1]] or "") .. " " .. (extra or "")):match("^%s*(.-)%s*$")
    return names_of ~= "" and (' class="' .. names_of .. '"') or ""
  end
  local function row_of(texts, cell)
    put("<tr" .. role("row") .. ">")
    for i, text in ipairs(texts) do
      local tag, attributes = cell(i, text)
      if tag then put("<" .. tag .. attributes .. ">" .. text .. "</" .. tag .. ">") end
    end
    put("</tr>")
  end
  for _, row in ipairs(el.head.rows) do
    for i, cell in ipairs(row.cells) do names[i] = html_text(pandoc.utils.stringify(cell.contents)) end
  end

  put("<table" .. role("table") .. ' class="' .. kind .. '">')
  if caption then put("<caption>" .. caption .. "</caption>") end
  put(html_colgroup(widths) .. "<thead" .. role("rowgroup") .. ">")
  for _, texts in ipairs(heads) do
    row_of(texts, function(i, text)
      -- A heading without words is no heading to a screen reader.
      if text == "" then return "td", role("cell") .. class(i) end
      return "th", ' scope="col"' .. role("columnheader") .. class(i)
    end)
  end
  put("</thead><tbody" .. role("rowgroup") .. ">")
  local span = grouped and spans(rows)
  for r, texts in ipairs(rows) do
    row_of(texts, function(i)
      local data = stacked and (' data-label="' .. (names[i] or "") .. '"') or ""
      if i == 1 and span and span[r] ~= 1 then
        return span[r] > 1 and "th" or nil, ' scope="rowgroup" rowspan="' .. span[r] .. '"' .. class(i)
      end
      if i == 1 then return "th", ' scope="row"' .. role("rowheader") .. data .. class(i) end
      return "td", role("cell") .. data .. class(i, stacked and i == #texts and "pen" or nil)
    end)
  end
  put("</tbody></table>")
  if stacked then return raw(table.concat(out)) end
  local name = caption and html_text(pandoc.utils.stringify(el.caption.long)) or table.concat(names, ", ")
  return raw('<div class="table-pane" role="group" tabindex="0" aria-label="' .. name .. '">' .. table.concat(out) .. "</div>")
end

local function brief_table(el, kind, div)
  if kind == "decision" then el = clear_pen_cells(el) end
  local widths = column_widths(el, div)
  local grouped = div and has(div, "grouped")
  if IS_TYPST then return typst_table(el, kind, widths, grouped) end
  return html_table(el, kind, widths, grouped)
end

-- A div that governs the look of its tables: they are written before the general rule for tables.
local function tables_of(div, kind)
  return div.content:walk { Table = function(el) return brief_table(el, kind, div) end }
end

-- Blocks --------------------------------------------------------------------------------------

local function wrap_typst(call, content)
  local out = pandoc.Blocks { raw(call .. "[") }
  out:extend(content)
  out:insert(raw("]"))
  return out
end

local function parts_of(div, class)
  local parts = {}
  for _, block in ipairs(div.content) do
    if block.t == "Div" and has(block, class) then parts[#parts + 1] = block end
  end
  if #parts == 0 then error("brief: a block ." .. div.classes[1] .. " holds no ." .. class, 0) end
  return parts
end

local function typst_parts(call, parts)
  local out = pandoc.Blocks { raw(call .. "[") }
  for i, part in ipairs(parts) do
    if i > 1 then out:insert(raw("][")) end
    out:extend(part.content)
  end
  out:insert(raw("]"))
  return out
end

local function column_shares(parts)
  local shares = {}
  for i, part in ipairs(parts) do
    shares[i] = percent(part.attributes.width, "the width of a column") or (100 / #parts)
  end
  return shares
end

local blocks = {}

function blocks.columns(el)
  local parts = parts_of(el, "column")
  local shares = column_shares(parts)
  if IS_TYPST then return typst_parts("#brief-columns(fit, (" .. table.concat(shares, "fr, ") .. "fr,))", parts) end
  -- Quarto has its own idea of .columns; other names keep it away.
  local template = {}
  for i, part in ipairs(parts) do
    template[i] = "minmax(0," .. shares[i] .. "fr)"
    part.classes, part.attributes = { "col" }, {}
  end
  return pandoc.Div(parts, pandoc.Attr("", { "cols" }, { style = "--columns:" .. table.concat(template, " ") }))
end

function blocks.facts(el)
  local parts = parts_of(el, "card")
  local cols = tonumber(el.attributes.cols or "") or math.min(#parts, 4)
  if IS_TYPST then return typst_parts("#brief-facts(fit, " .. cols .. ")", parts) end
  return pandoc.Div(parts, pandoc.Attr("", { "facts" }, { style = "--cards:" .. cols }))
end

function blocks.decision(el)
  if IS_TYPST then return tables_of(el, "decision") end
  return pandoc.Div(tables_of(el, "decision"), pandoc.Attr("", { "decision" }))
end

function blocks.table(el)
  return tables_of(el, has(el, "compact") and "compact" or "plain")
end

blocks["data-table"] = function(el)
  if IS_TYPST then return {} end
  local summary = html_text(el.attributes.summary or label("data"))
  local out = pandoc.Blocks { raw('<details class="data-table"><summary>' .. summary .. "</summary>") }
  out:extend(tables_of(el, "compact"))
  out:insert(raw("</details>"))
  return out
end

blocks["html-only"] = function(el) if IS_TYPST then return {} end end
-- Stays in the HTML, unseen on a screen: printing the HTML gives the paper's version.
blocks["pdf-only"] = function(el) if IS_TYPST then return el.content end end

local BOXES = { "message", "side", "section", "reading", "note", "caution", "missing", "foot" }
for _, name in ipairs(BOXES) do
  blocks[name] = function(el)
    if IS_TYPST then return wrap_typst("#brief-" .. name .. "(fit)", el.content) end
  end
end

local KINDS = sorted_keys(blocks)
local function on_div(el)
  for _, name in ipairs(KINDS) do
    if has(el, name) then
      local result = blocks[name](el)
      if result ~= nil then return result end
      return el
    end
  end
  if IS_TYPST and not (has(el, "column") or has(el, "card")) then
    for _, part in ipairs { "label", "value", "interval" } do
      if has(el, part) then return wrap_typst('#brief-word("' .. part .. '")', el.content) end
    end
    return el.content
  end
end

local WORDS = { "label", "value", "interval", "note", "unit", "code", "higher", "lower", "same", "not-compared", "suppressed" }
local function on_span(el)
  if not IS_TYPST then return end
  for _, name in ipairs(WORDS) do
    if has(el, name) then
      local out = pandoc.Inlines { raw_inline('#brief-word("' .. name .. '")[') }
      out:extend(el.content)
      out:insert(raw_inline("]"))
      return out
    end
  end
  return el.content
end

-- Sides of the sheet ----------------------------------------------------------------------------

-- Each side is one call, so that it can be set more or less tightly than the other; all that is in
-- it sees its `fit`.
local function typst_parts_of_sheet(content)
  local function start(side)
    return raw("#let fit = fit-of(brief-fits, " .. side .. ")\n#brief-part(fit, " .. side .. ")[")
  end
  local out, side = pandoc.Blocks { start(0) }, 0
  for _, block in ipairs(content) do
    if block.t == "Div" and has(block, "side") then
      side = side + 1
      out:insert(raw("]"))
      out:insert(start(side))
    end
    out:insert(block)
  end
  out:insert(raw("]"))
  return out
end

-- The page around the content -----------------------------------------------------------------

local function read_brief()
  local file = io.open("brief.json", "rb")
  if not file then error("brief: brief.json is missing beside the notebook", 0) end
  BRIEF = pandoc.json.decode(file:read("a"), false)
  file:close()
end

-- Attachments are read by the page itself: a path in Typst is relative to the file that names it.
local function typst_attachments()
  local out = {}
  for _, item in ipairs(BRIEF.attachments or {}) do
    local content = "read(" .. typst_string(item.path) .. ", encoding: none)"
    out[#out + 1] = "#pdf.attach(" .. typst_string("/" .. item.path:match("[^/]+$")) .. ", " .. content .. ', relationship: "data", mime-type: "text/csv", description: '
      .. typst_string(item.description) .. ")"
  end
  return table.concat(out, "\n")
end

local function html_palette()
  local out = {}
  for _, name in ipairs(sorted_keys(BRIEF.palette or {})) do
    local value = BRIEF.palette[name]
    if name:match("^[%w-]+$") and value:match("^#%x+$") then out[#out + 1] = "--" .. name .. ":" .. value end
  end
  return table.concat(out, ";")
end

-- The page's own words stand in the margins of the printed HTML too; CSS wants them as strings.
local function css_string(text)
  return '"' .. text:gsub("[^%w .,:;/()\128-\255-]", function(c) return string.format("\\%06x", c:byte()) end) .. '"'
end

-- The colours are spelt out: a page's margin does not know the document's custom properties.
local function html_print()
  local p = BRIEF.palette
  local quiet = ";color:" .. p.muted .. ";border-color:" .. p.rule .. "}"
  local foot = css_string(table.concat(BRIEF.running or {}, "  ·  "))
  local pages = css_string(label("page") .. " ") .. " counter(page) " .. css_string(" " .. label("of") .. " ") .. " counter(pages)"
  local band = ""
  if BRIEF.synthetic then
    band = "@top-center{content:" .. css_string(BRIEF.synthetic_label) .. ";background:" .. p["orange-ink"] .. ";color:" .. p.white .. "}"
  end
  return "@page{@bottom-left{content:" .. foot .. quiet .. "@bottom-right{content:" .. pages .. quiet .. band .. "}"
end

local function set_page(doc)
  local meta = doc.meta
  -- Everything else stays under `brief`, where Quarto does not look for dates and authors.
  meta.title = pandoc.MetaString(BRIEF.title)
  meta.lang = pandoc.MetaString(BRIEF.lang)
  meta.pagetitle = pandoc.MetaString(BRIEF.title)
  meta.brief = BRIEF
  if IS_TYPST then
    meta["brief-data"] = pandoc.MetaInlines { raw_inline(typst_value(BRIEF)) }
    meta["brief-attachments"] = pandoc.MetaBlocks { raw(typst_attachments()) }
  else
    meta["brief-print"] = pandoc.MetaInlines { raw_inline(html_print()) }
    meta["brief-palette"] = pandoc.MetaInlines { raw_inline(html_palette()) }
  end
  return doc
end

function Pandoc(doc)
  read_brief()
  doc = doc:walk(neutral)
  -- The title is the only heading of the first level.
  doc = doc:walk { Figure = on_figure, Header = function(el) el.level = math.max(el.level, 2); return el end }
  doc = doc:walk { Para = lone_image, Plain = lone_image }
  doc = doc:walk { Span = on_span, Image = on_icon }
  if IS_TYPST then doc.blocks = typst_parts_of_sheet(doc.blocks) end
  doc = doc:walk { Div = on_div }
  doc = doc:walk { Table = function(el) return brief_table(el, "plain", nil) end }
  if IS_TYPST then doc = doc:walk { Str = literal } end
  return set_page(doc)
end
