import pytest

from crm import errors
from crm.imports import mapping
from crm.imports.registry import FieldType, import_kinds

CUSTOMERS = import_kinds["customers"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["name", "phone", "address"], {"name": 0, "phone": 1, "address": 2}),
        (["姓名", "手机号", "地址"], {"name": 0, "phone": 1, "address": 2}),
        (["客户名称*", "电话（必填）", "E-Mail"], {"name": 0, "phone": 1, "email": 2}),
        (["Company Name", "Mobile", "Sales Rep"], {"name": 0, "phone": 1, "owner": 2}),
        (["  PHONE ", "ｎａｍｅ"], {"phone": 0, "name": 1}),
        (["phone", "mobile"], {"phone": 0}),
        (["company_name", "sales_rep", "phone_number"], {"name": 0, "owner": 1, "phone": 2}),
        (["Column 1", "Line", "What is wrong"], {}),
    ],
)
def test_headings_of_both_languages_suggest_their_field(columns, expected):
    assert mapping.suggest(CUSTOMERS.fields, columns) == expected


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_own_export_maps_itself(language):
    from django.utils import translation

    from customers.tables import CustomerTable

    with translation.override(language):
        columns = [str(column.label) for column in CustomerTable.columns.values()]

    suggested = mapping.suggest(CUSTOMERS.fields, columns)

    exported = set(CustomerTable.columns) & {one.name for one in CUSTOMERS.fields}
    assert exported <= set(suggested)
    assert all(columns[suggested[name]] == columns[list(CustomerTable.columns).index(name)] for name in exported)


def test_reference_may_be_named_in_several_ways_but_fills_one_field():
    suggested = mapping.suggest(import_kinds["contacts"].fields, ["联系人", "客户编号", "客户名称"])

    assert suggested == {"name": 0, "customer_number": 1}


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"phone": 0}, errors.RequiredFieldMissing),
        ({"name": 0, "shoe": 1}, errors.UnknownField),
        ({"name": 5}, errors.UnknownColumn),
        ({"name": -1}, errors.UnknownColumn),
    ],
)
def test_mapping_that_cannot_work_is_refused(columns, error):
    with pytest.raises(error):
        mapping.check(CUSTOMERS, CUSTOMERS.fields, columns, ["a", "b"])


def test_two_ways_to_name_the_same_record_are_refused():
    contacts = import_kinds["contacts"]

    with pytest.raises(errors.FieldMappedTwice):
        mapping.check(contacts, contacts.fields, {"name": 0, "customer": 1, "customer_phone": 2}, ["a", "b", "c"])


def test_column_is_named_by_heading_or_number_and_the_last_equals_sign_counts():
    columns = ["Name", "a=b", "2"]

    assert mapping.from_pairs(["name=name", "a=b=phone"], columns) == {"name": 0, "phone": 1}
    assert mapping.from_pairs(["1=name"], columns) == {"name": 0}
    assert mapping.from_pairs(["2=phone"], columns) == {"phone": 2}
    for column in ("4", "³"):
        with pytest.raises(errors.UnknownColumn):
            mapping.from_pairs([f"{column}=name"], columns)


def test_what_was_chosen_comes_before_the_suggestion():
    suggested = {"name": 0, "phone": 1, "address": 2}

    chosen = mapping.from_pairs(["c=name", "b="], ["a", "b", "c"])

    assert mapping.override_with(CUSTOMERS, suggested, chosen) == {"name": 2}


@pytest.mark.parametrize("kind", sorted(import_kinds))
def test_every_declaration_is_whole(kind):
    """What a kind declares exists: fields, keys with an index that begins with the tenant, kinds that it points to."""
    declared = import_kinds[kind]
    model = declared.model
    indexed = {index.fields[1] for index in model._meta.indexes if index.fields[:1] == ["tenant"]}
    indexed |= {one.fields[1] for one in model._meta.constraints if getattr(one, "fields", ())[:1] == ("tenant",)}

    assert declared.policy.grants["import"]
    for one in declared.fields:
        if one.type == FieldType.REFERENCE:
            assert import_kinds[one.to].key(one.by)
        if one.type != FieldType.TAGS:
            assert model._meta.get_field(one.fills)
        if one.permission:
            assert one.permission in declared.policy.grants
    for key in declared.keys:
        assert {key.index, *key.fields} & indexed, f"{kind}: no index serves the key {key.name}"
