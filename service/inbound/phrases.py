"""How machines say that they are machines, and what became of a mail. One pattern a line; capitals do not matter."""

from __future__ import annotations

import re


def _any_of(lines: str, *, begins: bool = False) -> re.Pattern[str]:
    patterns = "|".join(line.strip() for line in lines.splitlines() if line.strip())
    return re.compile(rf"^\s*(?:{patterns})" if begins else patterns, re.IGNORECASE | re.MULTILINE)


# Subjects of mails that tell of a failure.
RETURNED = _any_of(
    r"""
    undeliver(?:able|ed)
    returned mail
    (?:mail|message|e-?mail) (?:delivery|could not be delivered)
    deliver(?:y|ing) (?:status|failure|problem|error|has failed|incomplete)
    (?:failure|failed) (?:notice|delivery|mail)
    (?:mail|delivery|message)(?: delivery)? (?:has )?(?:failed|failure|error|warning)
    could not (?:be delivered|send message)
    error sending your mail
    message .{0,40}(?:delayed|has not yet)
    user unknown
    errors from
    退信|投递失败|传输失败|发送失败|无法投递|退回
    メールエラー|配信できません
    не доставлено
    unzustellbar|non remis|no entregado
    """
)

# Words with which a mail server begins to tell what it could not do.
TOLD = _any_of(
    r"""
    could not be delivered
    (?:was|were) not delivered
    did not reach
    undeliver
    deliver(?:y|ing)(?: has)? failed
    unable to deliver
    failed recipients
    delevery to
    has been postponed
    requested action not taken
    transcript of session
    (?:fatal|permanent|transient) (?:non-)?(?:fatal )?errors?
    sorry (?:about that|to have to)
    wasn't able to deliver
    "?bounceType
    final-recipient
    diagnostic-code
    无法送达|无法投递|未能送达|未能投递
    """
)

# How those begin who are away.
AWAY = _any_of(
    r"""
    auto(?:matic|matische)?[\s:-]*(?:re(?:ply|sponse|spond)|antwort)
    out of (?:the )?office
    vacation
    away\b
    自动回复|自动答复|自動回覆|自動返信
    abwesenheit
    réponse automatique
    """,
    begins=True,
)

POSTMASTERS = _any_of(
    r"""
    (?:mailer-?daemon|mail-?daemon|mail\.delivery\.system|post_?master|mdaemon|imss|mailsys)(?:\\|@|$)
    """,
    begins=True,
)

# The address is none: no mail will ever arrive there.
HARD = _any_of(
    r"""
    (?:user|recipient|account|address|mailbox|addressee|alias)\s+(?:is\s+)?(?:unknown|not (?:found|known|exist))
    (?:unknown|no such|invalid|non-?existent)\s+(?:local |virtual )?(?:user|recipient|address|mailbox|account|person)
    (?:unknown|no such|invalid)\s+(?:addressee|local[\s-]part|alias)
    (?:does not|doesn't|did not|not)\s+(?:currently )?exist
    no mailbox\b
    no (?:local )?(?:user|recipient|account)\b
    user\s+\S+\s+(?:is )?(?:unknown|not)
    not (?:a )?(?:valid|known|our) (?:user|recipient|mailbox|customer|address)
    (?:unrouteable|unroutable|undeliverable) address
    unknown (?:host|domain)
    (?:host|domain)\s+(?:name )?(?:is )?(?:unknown|not found|does not exist)
    no such (?:host|domain)
    couldn't find any host
    null mx
    has moved
    not (?:listed|found) in .{0,30}(?:directory|book)
    (?:not|doesn't) have (?:an? )?.{0,20}account
    account .{0,60}(?:closed|discontinued)
    no longer (?:exists|valid|available|with)
    recip(?:ient)?notfound
    no (?:mx record|valid recipients|smtp service)
    find a mail exchanger
    inactive email address
    mailbox unavailable
    (?:用户|地址|帐号|账号|收件人)不存在|地址无效
    リストにありません|見つかりません
    """
)

# It may be over tomorrow, or is about the mail and not about the address.
SOFT = _any_of(
    r"""
    quota
    sender|mail from
    (?:mailbox|mailfolder|inbox|storage|disk)\b.{0,40}\b(?:full|exceed|exhaust|out of)
    is full
    insufficient (?:system )?(?:storage|disk)
    too (?:large|big|long|many)
    (?:message|size) (?:size )?exceed
    delay(?:ed)?\b
    still being retried
    will (?:be )?(?:keep trying|retr)
    not yet been
    warning message
    timed?[ -]?out
    expired
    deferr
    temporar
    try again
    loop(?:s|ed)?\b
    spam|virus
    blocked|black ?list|blocklist
    polic(?:y|ies)
    dmarc|\bspf\b|dkim|authenticat
    content (?:reject|filter)|filter(?:ed|ing)
    refused|denied|relay
    reputation|rate limit|greylist
    suspend|disabled|inactive|not active|deactivat|banned
    connection|network
    malformed|syntax
    (?:system|local|internal) error
    """
)

# Where the mail that is returned begins, below the words of the server.
RETURNED_BELOW = _any_of(
    r"""
    -+\s*(?:below|original|this is a copy|message header|unsent message|returned message|the header|included is a copy)
    -+\s*(?:copy of|headers? follow|enclosed|return message|begin)
    received:\s+from
    return-path:\s+<
    message-id:\s+<
    original message (?:follows|headers?)
    """,
    begins=True,
)
