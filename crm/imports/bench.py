"""Measures for `make bench`: how fast a file of customers comes in, with search, matching by telephone."""

from __future__ import annotations

import csv
import resource
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from django.db import connection, transaction

from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from .mapping import suggest
from .models import Import
from .pipeline import run_import
from .reader import open_source
from .registry import OnMatch

COLUMNS = ["姓名", "手机", "邮箱", "城市", "地址", "行业"]
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉建国志红梅云海波宇浩轩梓涵欣怡雨泽睿思远嘉豪俊峰晓东"
CITIES = ["北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "苏州", "重庆"]
BRANDS = "华瑞恒泰鑫源盛达天宇博远正信联创明德嘉和中科东方金石云海新亚广信安康永利"
TRADES = ["科技", "贸易", "物流", "建材", "食品", "电子", "医药", "服饰", "教育", "能源"]
FIRST = ["James", "Mary", "Robert", "Linda", "David", "Susan", "Ahmed", "Sofia", "Wei", "Priya", "Olga", "Jonas"]
LAST = ["Smith", "Johnson", "Garcia", "Miller", "Kowalski", "Andersson", "Nguyen", "Patel", "Rossi", "Schneider"]
ENGLISH_BRANDS = ["Blue River", "Northern", "Atlas", "Bright", "Copper Hill", "Evergreen", "Harbour", "Summit"]
ENGLISH_TRADES = ["Foods", "Logistics", "Textiles", "Software", "Machinery", "Trading", "Instruments"]


@dataclass
class Measured:
    rows: int
    created: int
    failed: int
    seconds: float
    rows_per_second: float
    client_cpu_seconds: float
    server_cpu_seconds: float | None  # of the session's server process; None on another machine
    peak_memory_mb: int


def write_customers(path: Path, rows: int, seed: int = 1) -> None:
    """Invented customers, people and companies in both languages, each telephone number once."""
    random = Random(seed)  # noqa: S311  # no secret: the same file each time
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in range(rows):
            city = random.choice(CITIES)
            name = _invented_name(random, city, number % 4)
            street = f"{city}市{''.join(random.choices(BRANDS, k=2))}路{random.randrange(1, 400)}号"
            email = f"customer{number}@mail.example"
            writer.writerow([name, 13000000000 + number, email, city, street, random.choice(TRADES)])


def _invented_name(random: Random, city: str, sort: int) -> str:
    if sort == 0:
        return random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))
    if sort == 1:
        return f"{city}{''.join(random.choices(BRANDS, k=2))}{random.choice(TRADES)}有限公司"
    if sort == 2:
        return f"{random.choice(FIRST)} {random.choice(LAST)}"
    return f"{random.choice(ENGLISH_BRANDS)} {random.choice(ENGLISH_TRADES)} {random.choice(('Ltd', 'Inc', 'GmbH'))}"


def bench_import(tenant: Tenant, rows: int) -> dict[str, object]:
    """Import `rows` invented customers into the tenant and say what it took. They stay there."""
    with tempfile.TemporaryDirectory() as folder, use_tenant(tenant):
        path = Path(folder) / "customers.csv"
        write_customers(path, rows)
        return asdict(_measure(path))


def _measure(path: Path) -> Measured:
    source = open_source(path)
    with transaction.atomic():
        run = Import.objects.create(
            kind="customers",
            file_name=path.name,
            columns=source.columns,
            reading=source.options.as_json(),
            match_key="phone",
            on_match=OnMatch.UPDATE,
        )
        run.mapping = suggest(run.declaration.fields, source.columns)
        run.save()
    server, client = _server_cpu(), time.process_time()
    memory = PeakMemory()
    started = time.perf_counter()
    with memory:
        counts = run_import(run, membership=None, path=path)
    seconds = time.perf_counter() - started
    after = _server_cpu()
    return Measured(
        rows=counts.rows,
        created=counts.created,
        failed=counts.failed,
        seconds=round(seconds, 1),
        rows_per_second=round(counts.rows / seconds),
        client_cpu_seconds=round(time.process_time() - client, 1),
        server_cpu_seconds=None if server is None or after is None else round(after - server, 1),
        peak_memory_mb=memory.peak_mb,
    )


def _server_cpu() -> float | None:
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    try:
        fields = stat.read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    if "postgres" not in stat.read_text():
        return None
    return (int(fields[11]) + int(fields[12])) / 100


class PeakMemory:
    """The largest resident set while it is on, which getrusage cannot tell: that one also knows what was before."""

    peak_mb = 0

    def __enter__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def __exit__(self, *error) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.peak_mb = max(self.peak_mb, _resident_mb())


def _resident_mb() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return pages * resource.getpagesize() >> 20
