"""Pinyin without tones, from one map of characters held in memory.

The map is made from the data file of pypinyin, read without importing that package: its phrase dictionary
would cost every web worker 30 MB, and its own conversion is forty times slower than a dictionary look-up.
What a map of characters cannot know (surnames, and characters with two common readings) is listed here.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path

# A character, then its readings in names of people, companies and places: the first one sorts, all are indexed.
# Only where a person would really type the second one; the rare readings of a dictionary are left out.
_HETERONYMS = (
    "重zhong,chong 长chang,zhang 行xing,hang 乐le,yue 都du 朝chao,zhao 厦xia,sha 藏zang,cang 调tiao "
    "弹tan,dan 曾zeng,ceng 单dan,shan 查cha,zha 解jie,xie 仇chou,qiu 朴pu,piao 区qu,ou 翟zhai,di 盖gai,ge "
    "覃qin,tan 种zhong,chong 召zhao,shao 晟sheng,cheng 茜qian,xi 缪miao,mou 牟mou,mu 卜bu 尉wei,yu 柏bai,bo "
    "薄bo,bao 车che 参can,shen 宿su 校xiao,jiao 降jiang 还hai,huan 埔pu,bu 番fan,pan 莞guan 六liu,lu 蚌beng,bang "
    "率shuai,lv 员yuan 折zhe,she 粘nian,zhan 句ju,gou 谌chen,shen 角jiao,jue 秘mi,bi 隗wei,kui 郇xun,huan "
    "郗xi,chi 宓mi,fu 塞sai 壳ke 畜xu,chu 泊bo,po 伽jia,ga 咖ka,ga 莘xin,shen 仔zi,zai 便bian 给gei 着zhe "
    "地di 似si 没mei 琢zhuo 恶e,wu 龟gui 巷xiang 觉jue,jiao 劲jin,jing 勒le,lei 络luo 蔓man 娜na,nuo "
    "铅qian,yan 圈quan 杉shan,sha 吁yu,xu 殷yin 择ze 轧zha,ya 枞cong,zong 涡wo,guo 浒hu,xu 焘tao,dao 珲hui,hun "
    "繁fan,po 祭ji,zhai 炅jiong,gui 乜nie,mie 郄qie,xi 洗xi,xian 血xue,xie 囤tun 拓tuo 瀑pu 扎zha"
)
# How a surname reads where that is not the first reading above.
_SURNAMES = (
    "单shan 仇qiu 解xie 查zha 朴piao 区ou 盖ge 员yun 种chong 召shao 句gou 秘bi 折she 黑he 炅gui 繁po 祭zhai "
    "乐yue 洗xian 莘shen 重chong 角jue 覃qin"
)
_COMPOUND_SURNAMES = "尉迟yu,chi 万俟mo,qi 澹台tan,tai 长孙zhang,sun 单于chan,yu 子车zi,ju 乐正yue,zheng"
# Words in which a character does not have its first reading; they would otherwise be sorted in the wrong place.
_WORDS = (
    "重庆chong,qing 银行yin,hang 商行shang,hang 车行che,hang 行业hang,ye 音乐yin,yue 乐器yue,qi 乐清yue,qing "
    "会计kuai,ji 大厦da,sha 六安lu,an 番禺pan,yu 大埔da,bu 铅山yan,shan 涡阳guo,yang 重阳chong,yang "
    "成长cheng,zhang 董事长dong,shi,zhang 收藏shou,cang 冷藏leng,cang 调度diao,du 浒墅xu,shu 枞阳zong,yang "
    "大夫dai,fu 行长hang,zhang 增长zeng,zhang 朝气zhao,qi 人参ren,shen"
)
_LONGEST_PERSON_NAME = 4
_VARIED_CHARACTERS = 3  # of one name, so that it has eight sequences of readings at most


def _parse(table: str) -> dict[str, tuple[str, ...]]:
    entries = (re.fullmatch(r"([^a-z]+)([a-z,]+)", entry) for entry in table.split())
    return {entry[1]: tuple(entry[2].split(",")) for entry in entries if entry}


_SURNAME_READINGS = _parse(_SURNAMES)
_COMPOUND_SURNAME_READINGS = _parse(_COMPOUND_SURNAMES)
_WORD_READINGS = _parse(_WORDS)
_FIND_WORD = re.compile("|".join(sorted(_WORD_READINGS, key=len, reverse=True)))
# One look tells that a name is spelled by the map alone, which holds for most.
_HAS_VARIANTS = re.compile(f"[{''.join(_parse(_HETERONYMS))}{''.join(_SURNAME_READINGS)}会大万]")


@cache
def character_readings() -> dict[str, tuple[str, ...]]:
    """Map each Chinese character to its readings without tones, the one to sort by first.

    About 42,000 characters, read once in each process. ü is v, as it is typed, and u as a second reading.
    """
    package = find_spec("pypinyin")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("pypinyin, whose data holds the readings, is not installed")
    data = json.loads(Path(package.submodule_search_locations[0], "pinyin_dict.json").read_bytes())
    with_tones = "\n".join(readings.split(",", 1)[0] for readings in data.values())
    letters = unicodedata.normalize("NFD", with_tones).replace("u\N{COMBINING DIAERESIS}", "v")
    spelled = re.sub("[^a-z\n]", "", letters).split("\n")

    readings: dict[str, tuple[str, ...]] = {
        chr(int(code)): (syllable,) for code, syllable in zip(data, spelled, strict=True) if syllable
    }
    readings.update(_parse(_HETERONYMS))
    for character, known in readings.items():
        if any("v" in reading for reading in known):
            readings[character] = (*known, *(reading.replace("v", "u") for reading in known if "v" in reading))
    return readings


@cache
def sorting_table() -> dict[int, str]:
    """For str.translate(): each Chinese character becomes its first reading between blanks."""
    return {ord(character): f" {readings[0]} " for character, readings in character_readings().items()}


def _known_readings(run: str) -> dict[int, str]:
    """Readings that a word or a surname settles, by position in the run."""
    settled = {
        match.start() + offset: syllable
        for match in _FIND_WORD.finditer(run)
        for offset, syllable in enumerate(_WORD_READINGS[match[0]])
    }
    compound = _COMPOUND_SURNAME_READINGS.get(run[:2])
    if compound and len(run) > 2:
        settled.update(enumerate(compound))
    elif run[0] in _SURNAME_READINGS and 2 <= len(run) <= _LONGEST_PERSON_NAME and 0 not in settled:
        settled[0] = _SURNAME_READINGS[run[0]][0]
    return settled


def spell_for_sorting(run: str) -> str:
    """Pinyin of a run of Chinese characters, syllables between blanks; what has no reading stays as it is.

    >>> spell_for_sorting("曾小贤").split()
    ['zeng', 'xiao', 'xian']
    """
    spelled = run.translate(sorting_table())
    if not _HAS_VARIANTS.search(run):
        return spelled
    readings, settled = character_readings(), _known_readings(run)
    return " ".join(
        settled[position] if position in settled else readings.get(character, (character,))[0]
        for position, character in enumerate(run)
    )


def split_readable(run: str) -> list[str]:
    """The parts of a run whose characters all have a reading: kana, Hangul and the rarest characters have none."""
    readings = character_readings()
    if all(character in readings for character in run):
        return [run]
    return "".join([character if character in readings else " " for character in run]).split()


def spellings(run: str) -> Iterator[tuple[str, ...]]:
    """Every sequence of syllables by which a run of Chinese characters may be typed, the likeliest first.

    Each of its characters must have a reading (split_readable).
    """
    readings = character_readings()
    choices = [readings[character] for character in run]
    if max(map(len, choices), default=0) > 1 or _HAS_VARIANTS.search(run):
        for position, syllable in _known_readings(run).items():
            choices[position] = tuple(dict.fromkeys((syllable, *choices[position])))
        varied = [position for position, choice in enumerate(choices) if len(choice) > 1]
        for position in varied[_VARIED_CHARACTERS:]:
            choices[position] = choices[position][:1]
    return product(*choices)
