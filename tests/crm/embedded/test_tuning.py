from __future__ import annotations

import pytest

from crm.embedded.tuning import GB, MB, Machine, settings_for


@pytest.mark.parametrize(
    ("memory", "buffers", "work"),
    [
        (GB // 2, "128MB", "4MB"),
        (8 * GB, "1024MB", "8MB"),
        (24 * GB, "3072MB", "24MB"),
        (512 * GB, "4096MB", "64MB"),
    ],
)
def test_memory_is_shared_with_the_rest_of_the_machine(memory, buffers, work):
    settings = settings_for(Machine(memory, cores=2, shared_memory=GB), fast=False)

    assert (settings["shared_buffers"], settings["work_mem"]) == (buffers, work)


def test_demo_data_survive_a_power_cut_and_test_data_need_not():
    machine = Machine(8 * GB, cores=2, shared_memory=GB)

    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(settings_for(machine, fast=False))
    assert settings_for(machine, fast=True)["fsync"] == "off"


@pytest.mark.parametrize(("cores", "workers"), [(1, "0"), (2, "0"), (8, "2")])
def test_two_cores_are_not_given_to_one_question(cores, workers):
    settings = settings_for(Machine(8 * GB, cores, shared_memory=GB), fast=False)

    assert settings["max_parallel_workers_per_gather"] == workers


@pytest.mark.parametrize(("shared", "expected"), [(64 * MB, "mmap"), (GB, None)])
def test_small_shared_memory_of_a_container_is_left_alone(shared, expected):
    settings = settings_for(Machine(8 * GB, cores=2, shared_memory=shared), fast=False)

    assert settings.get("dynamic_shared_memory_type") == expected


def test_this_machine_can_be_measured():
    machine = Machine.this()

    assert machine.memory > 128 * MB
    assert machine.cores >= 1
