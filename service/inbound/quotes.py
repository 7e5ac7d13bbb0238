"""What an answer says, without the mail below it that it answers."""

from __future__ import annotations

import re

_LINE = re.compile(
    r"""^\s*(?:>\s*)*(?:
      -{2,}\s*(?:original\ message|original|forwarded\ message|原始邮件|原邮件|原始郵件|转发邮件信息)\s*-{2,}
    | _{10,}
    | on\ .{5,200}\ wrote:
    | am\ .{5,200}\ schrieb\ .{0,100}:
    | le\ .{5,200}\ a\ écrit\s?:
    | .{0,200}(?:写道|寫道)\s*[:：]
    )\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
# The first lines of the head that Outlook, Foxmail and QQ mail put above what they quote.
_HEAD = re.compile(r"^\s*\*?(?:发件人|寄件人|寄件者|from|von|de)\s*\*?\s*[:：]", re.IGNORECASE)
_HEAD_GOES_ON = re.compile(
    r"^\s*\*?(?:发送时间|发送日期|日期|时间|收件人|抄送|主题|寄件日期|收件者|主旨|sent|date|to|cc|subject|gesendet|an|betreff)"
    r"\s*\*?\s*[:：]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*>")


def above_quote(text: str) -> str:
    """The text above the quoted mail; all of it when nothing would be left. The whole mail is kept anyway."""
    lines = text.split("\n")
    end = next((number for number in range(len(lines)) if _begins(lines, number)), len(lines))
    kept = lines[:end]
    while kept and (not kept[-1].strip() or _QUOTED.match(kept[-1])):
        kept.pop()
    above = "\n".join(kept).strip()
    return above or text.strip()


def _begins(lines: list[str], number: int) -> bool:
    line = lines[number]
    if _LINE.match(line):
        return True
    # "On … wrote:" is broken where a line was full.
    if number + 1 < len(lines) and line.strip() and _LINE.match(f"{line.rstrip()} {lines[number + 1].strip()}"):
        return not _LINE.match(lines[number + 1]) or line.lower().lstrip("> ").startswith(("on ", "am ", "le ", "在"))
    if _HEAD.match(line):
        following = [one for one in lines[number + 1 : number + 6] if one.strip()]
        return sum(bool(_HEAD_GOES_ON.match(one)) for one in following) >= 2
    return False
