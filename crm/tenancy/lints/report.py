"""What a lint says: findings, told apart into violations and exceptions that were granted with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Finding:
    rule: str
    where: str
    what: str

    def __str__(self):
        return f"{self.where}: {self.what} [{self.rule}]"


@dataclass(frozen=True)
class Report:
    violations: list[Finding]
    # Finding → why it is right here.
    exceptions: dict[Finding, str]
    figures: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        findings: Iterable[Finding],
        granted: Mapping[tuple[str, str], str],
        *,
        stale: bool = True,
        figures: dict[str, int] | None = None,
    ) -> Report:
        """Sort findings by the (rule, where) pairs that were granted. With `stale`, a grant without use is a violation:
        the list must not outlive what it excuses."""
        found = sorted(set(findings))
        exceptions = {one: granted[one.rule, one.where] for one in found if (one.rule, one.where) in granted}
        violations = [one for one in found if one not in exceptions]
        if stale:
            used = {(one.rule, one.where) for one in exceptions}
            violations += [
                Finding("stale-exception", where, f"nothing here breaks {rule!r} any more; remove the exception")
                for rule, where in sorted(granted.keys() - used)
            ]
        return cls(violations, exceptions, figures or {})

    def as_dict(self) -> dict[str, object]:
        return {
            **self.figures,
            "violations": [vars(one) for one in self.violations],
            "exceptions": [vars(one) | {"reason": reason} for one, reason in self.exceptions.items()],
        }

    def lines(self) -> list[str]:
        return [
            *(f"{name.replace('_', ' ')}: {count}" for name, count in self.figures.items()),
            f"exceptions: {len(self.exceptions)}",
            *(f"  {one} – {reason}" for one, reason in self.exceptions.items()),
            f"violations: {len(self.violations)}",
            *(f"  {one}" for one in self.violations),
        ]
