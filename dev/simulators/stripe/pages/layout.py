"""How the simulator's pages look: one style sheet, no scripts, nothing from elsewhere."""

from html import escape
from typing import Final

_STYLE: Final = """
:root { color-scheme: light dark; --line: #d8dbe6; --soft: #f5f6fa; --text: #1b1f36; --dim: #5b6178;
  --brand: #4b3fd6; --on-brand: #fff; --page: #fff; --bad: #b3261e; --good: #14703c; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3f55; --soft: #1d2030; --text: #eceefb;
  --dim: #a9afc8; --brand: #a79fff; --on-brand: #14122b; --page: #12141f; --bad: #ff9b92;
  --good: #7fdca4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 30rem; }
main.wide { max-width: 84rem; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 1rem; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem;
  font-size: .8rem; color: var(--dim); white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .dim { color: var(--dim); }
.total { font-size: 2.25rem; font-weight: 650; letter-spacing: -.02em; margin: .25rem 0; }
.card { border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem;
  margin: 1rem 0; }
dl { display: grid; grid-template-columns: 1fr auto; gap: .35rem 1rem; margin: 0; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
dl .sum { border-top: 1px solid var(--line); padding-top: .5rem; font-weight: 650; }
label { display: block; font-size: .9rem; margin-bottom: .25rem; }
input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--dim);
  border-radius: .5rem; padding: .5rem .75rem; width: 100%; min-width: 0; }
button { font: inherit; border-radius: .5rem; border: 1px solid var(--dim); padding: .55rem 1rem;
  background: var(--soft); color: inherit; cursor: pointer; }
button.main { background: var(--brand); color: var(--on-brand); border-color: var(--brand);
  font-weight: 650; padding: .8rem 1rem; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
.row { display: flex; gap: .5rem; } .row input { flex: 1; }
.stack { display: grid; gap: .6rem; } .stack button { width: 100%; }
.note { border-left: 4px solid var(--bad); padding: .5rem .75rem; background: var(--soft); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; } th { color: var(--dim); font-weight: 600; }
td code { font-size: .8rem; word-break: break-all; }
td form { display: inline-flex; gap: .25rem; margin: 0 .25rem .25rem 0; }
td button { padding: .15rem .55rem; font-size: .8rem; }
td input { width: 6rem; padding: .1rem .4rem; font-size: .8rem; }
"""

_NO_DECIMALS: Final = frozenset(
    {"bif", "clp", "djf", "jpy", "krw", "pyg", "ugx", "vnd", "xaf", "xof"}
)
_SYMBOLS: Final = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def page(title: str, body: str, *, wide: bool = False) -> str:
    """Return a whole page; `body` is HTML."""
    width = ' class="wide"' if wide else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main{width}>{body}</main></body></html>"
    )


def money(amount: int, currency: str) -> str:
    """Return an amount of the smallest unit as people read it."""
    sign = "\u2212" if amount < 0 else ""
    number = f"{abs(amount):,}" if currency in _NO_DECIMALS else f"{abs(amount) / 100:,.2f}"
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency.upper()}"


def button(action: str, label: str, *, fields: str = "", main: bool = False) -> str:
    """Return a form with one button that posts to `action`; `fields` is HTML."""
    kind = ' class="main"' if main else ""
    return (
        f'<form method="post" action="{escape(action)}">{fields}'
        f"<button{kind}>{escape(label)}</button></form>"
    )


def tag(text: str, *, mood: str = "") -> str:
    """Return a small label; `mood` is `good`, `bad` or nothing."""
    return f'<span class="tag {mood}">{escape(text)}</span>'
