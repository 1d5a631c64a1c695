"""Files as Markdown: bytes and a media type in, headings, lists, tables, code, links and page starts out.

`reader.TextReader` is the front door; parsing happens in a child process under limits (`child`). To add a format: a
module, or a package, with `read(raw: RawFile) -> Text` and one row in `media_types.py`.
"""
