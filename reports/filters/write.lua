-- For the embedded engine: formats one brief after another, each in several formats, as Pandoc
-- itself would with brief.lua as its filter. A brief is read once, which is half of the work.
--
-- pandoc lua write.lua READER, then a request a line:
--   {"folder": …, "notebook": …, "outputs": [{"format": …, "template": …, "target": …}, …]}
-- Each is answered by a line: `reply` and, as JSON, what went wrong; empty when nothing did.

local reader = arg[1]

local function content(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local function write(request)
  local document = pandoc.read(content(request.notebook), reader)
  for _, output in ipairs(request.outputs) do
    -- The filter keeps what it reads in variables of its own, so each format gets a fresh one.
    local environment = setmetatable({ FORMAT = output.format }, { __index = _G })
    local filtered = pandoc.utils.run_lua_filter(document, "../filters/brief.lua", environment)
    local file <close> = assert(io.open(output.target, "wb"))
    file:write(pandoc.write(filtered, output.format, pandoc.WriterOptions {
      template = pandoc.template.compile(content(output.template)),
      wrap_text = "none",
      highlight_method = "none",
    }))
  end
end

for line in io.lines() do
  local request = pandoc.json.decode(line, false)
  local done, reason = pcall(pandoc.system.with_working_directory, request.folder, function()
    write(request)
  end)
  io.write("reply ", pandoc.json.encode(done and "" or tostring(reason)), "\n")
  io.flush()
end
