"""The pure half of search: what is stored for a name and what a search box asks for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.search.tokens import NAME_SORT_LENGTH, SearchQuery, document, fold, name_sort, parse_query

TENANT = 7
names = st.text(max_size=60) | st.text(
    alphabet="张王李曾单重庆长行华星科技有限公司ABCDé ø-'&ＡＢ１２がハ김😀", max_size=30
)


def words_of(text: str) -> list[str]:
    return text.split()


def stored_words(text: str) -> set[str]:
    """The words of a document, read as PostgreSQL reads a tsvector literal of quoted words."""
    assert re.fullmatch(r"(?:'[^'\\]+'(?: |$))*", text), text
    return set(re.findall(r"'([^']+)'", text))


def finds(query: SearchQuery, stored: str) -> bool:
    """Whether the words of a query match a document, as PostgreSQL would decide."""
    assert query.kind == "words"
    words = stored_words(stored)
    for part in query.value.split(" & "):
        quoted = re.fullmatch(r"'([^'\\]+)'(:\*)?", part)
        assert quoted, part
        if not any(word.startswith(quoted[1]) if quoted[2] else word == quoted[1] for word in words):
            return False
    return True


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("张三丰", "zhang san feng"),
        ("曾小贤", "zeng xiao xian"),
        ("单田芳", "shan tian fang"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("查良镛", "zha liang yong"),
        ("朴槿惠", "piao jin hui"),
        ("区志明", "ou zhi ming"),
        ("尉迟恭", "yu chi gong"),
        ("万俟雪", "mo qi xue"),
        ("单位服务公司", "dan wei fu wu gong si"),
        ("重庆长安", "chong qing chang an"),
        ("中国银行", "zhong guo yin hang"),
        ("厦门航空", "xia men hang kong"),
        ("华星大厦", "hua xing da sha"),
        ("吕布", "lv bu"),
        ("張三豐", "zhang san feng"),
        ("重庆ABC科技(集团)", "chong qing abc ke ji ji tuan"),
        ("“华星”贸易", "hua xing mao yi"),
        ("ＡＢＣ１２", "abc12"),
        ("O'Brien & Söhne GmbH", "obrien sohne gmbh"),
        ("Łódź Æther Straße", "lodz aether strasse"),
        ("  Acme   Trading ", "acme trading"),
        ("김철수", "김철수"),
        ("🙂", "🙂"),
        ("", ""),
    ],
)
def test_name_is_sorted_by_pinyin_or_plain_letters(name: str, key: str) -> None:
    assert name_sort(name) == key


@given(names)
def test_sort_key_is_stable_folded_and_short(name: str) -> None:
    key = name_sort(name)

    assert key == name_sort(name)
    assert key == name_sort(name.strip())
    assert len(key) <= NAME_SORT_LENGTH
    assert bool(key) == bool(fold(name).strip())


def test_document_of_a_person_with_a_company() -> None:
    words = stored_words(document(TENANT, "张三丰", "北京华星科技有限公司"))

    assert words == {
        f"{TENANT}:{word}"
        for word in words_of(
            "张 三 丰 张三 三丰 zhangsanfeng sanfeng feng zsf sf "
            "北京 京华 华星 星科 科技 技有 有限 限公 公司 "
            "beijinghuaxingkejiyo jinghuaxingkejiyouxi huaxingkejiyouxiango xingkejiyouxiangongs kejiyouxiangongsi "
            "jiyouxiangongsi bjhxkjyxgs jhxkjyxgs hxkjyxgs xkjyxgs kjyxgs jyxgs"
        )
    }


def test_latin_words_are_found_from_their_middle_but_legal_forms_only_from_their_start() -> None:
    words = stored_words(document(TENANT, "Acme Trading Company Ltd. 3M"))

    assert words == {f"{TENANT}:{word}" for word in words_of("acme cme trading rading ading ding ing company ltd 3m")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("张三丰", "张三"),
        ("张三丰", "丰"),
        ("张三丰", "三丰"),
        ("张三丰", "zhangsan"),
        ("张三丰", "ZHANG sanf"),
        ("张三丰", "zsf"),
        ("张三丰", "sf"),
        ("重庆火锅", "chongqing"),
        ("重庆火锅", "zhongqing"),
        ("重庆火锅", "cqhg"),
        ("曾小贤", "zengxiao"),
        ("单田芳", "shantian"),
        ("吕布", "lvbu"),
        ("吕布", "lubu"),
        ("吕布", "lübu"),
        ("长春长城贸易有限公司", "changchunchangcheng"),
        ("北京华星科技股份有限公司", "beijinghuaxingkejigufenyouxiangongsi"),
        ("北京华星科技股份有限公司", "bjhxkjgfyxgs"),
        ("北京华星科技有限公司", "华星 有限"),
        ("Müller & Söhne", "MULLER sohn"),
        ("Microsoft", "soft"),
        ("Donaudampfschifffahrtsgesellschaft", "donaudampfschifffahrtsgesellschaft"),
        ("ＡＣＭＥ", "acme"),
        ("acme", "ＡＣＭＥ"),
        ("360 Technology", "360"),
        ("ハナコ商事", "ハナ"),
        ("김철수", "철수"),
    ],
)
def test_found(name: str, text: str) -> None:
    assert finds(parse_query(TENANT, text), document(TENANT, name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("张三丰", "三张"),
        ("张三丰", "李三"),
        ("北京张三", "zhangwu"),
        ("Microsoft", "crosofter"),
        ("华星科技", "华星 外贸"),
    ],
)
def test_not_found(name: str, text: str) -> None:
    assert not finds(parse_query(TENANT, text), document(TENANT, name))


def test_another_tenant_is_not_found() -> None:
    assert not finds(parse_query(8, "张三丰"), document(7, "张三丰"))
    assert not finds(parse_query(7, "acme"), document(77, "Acme"))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", SearchQuery("empty")),
        ("  ", SearchQuery("empty")),
        ("a", SearchQuery("too_short")),
        ("- &", SearchQuery("too_short")),
        ("1234", SearchQuery("phone", "1234")),
        ("+86 138-0013 8000", SearchQuery("phone", "8613800138000")),
        ("（０２１）５５５５", SearchQuery("phone", "0215555")),
        ("360", SearchQuery("words", "'7:360':*")),
        (" Li.Si@Example.COM ", SearchQuery("email", "li.si@example.com")),
        ("张", SearchQuery("words", "'7:张'")),
        ("张三丰", SearchQuery("words", "'7:张三' & '7:三丰'")),
        ("Ltd a 张", SearchQuery("words", "'7:ltd':* & '7:张'")),
        ("o'brien' | !x\\", SearchQuery("words", "'7:brien':*")),
    ],
)
def test_what_a_text_asks_for(text: str, query: SearchQuery) -> None:
    assert parse_query(TENANT, text) == query


@given(names)
def test_every_name_is_found_by_itself(name: str) -> None:
    query = parse_query(TENANT, name)

    if query.kind == "words":
        assert finds(query, document(TENANT, name))


@given(names, names)
def test_document_is_a_literal_of_this_tenant_only(name: str, company: str) -> None:
    words = stored_words(document(TENANT, name, company))

    assert all(word.startswith(f"{TENANT}:") for word in words)
    assert stored_words(document(TENANT, name)) <= words


@given(st.text(max_size=200))
def test_fold_is_done_in_one_step(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_running_text_is_found_by_its_words_and_pairs_of_characters_only():
    assert document(7, "Li", text="Printer 打印机") == "'7:li' '7:printer' '7:印机' '7:打印'"
