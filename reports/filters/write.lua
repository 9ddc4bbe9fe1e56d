-- For the embedded engine: reads a notebook once and writes it in several formats, each as Pandoc
-- itself would with brief.lua as its filter. Reading is half of the work.
--
-- pandoc lua write.lua READER NOTEBOOK (FORMAT TEMPLATE TARGET)...

local folder = arg[0]:match("^(.*/)") or ""

local function content(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local document = pandoc.read(content(arg[2]), arg[1])
for i = 3, #arg, 3 do
  local format, template, target = arg[i], arg[i + 1], arg[i + 2]
  -- The filter keeps what it reads in variables of its own, so each format gets a fresh one.
  local environment = setmetatable({ FORMAT = format }, { __index = _G })
  local filtered = pandoc.utils.run_lua_filter(document, folder .. "brief.lua", environment)
  local file <close> = assert(io.open(target, "wb"))
  file:write(pandoc.write(filtered, format, pandoc.WriterOptions {
    template = pandoc.template.compile(content(template)),
    wrap_text = "none",
    highlight_method = "none",
  }))
end
