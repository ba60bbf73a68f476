"""What spreadsheets must be told by every CSV file, whoever writes it."""

BOM = "\ufeff"
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a cell must not begin with: spreadsheets would take it for a formula."""
