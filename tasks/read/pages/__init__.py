"""Pages: the bytes of an HTML file to its visible text, and what its markup says of each line.

`read_html` is the way in, for files, records with an `html` field, responses in a WARC file and members of
archives alike. It never raises: what cannot be read comes back as a sentence in `error`.
"""

from tasks.read.pages.page import Page, parse_html, read_html

__all__ = ["Page", "parse_html", "read_html"]
