"""Sharing under retsplejeloven § 115: with whom it is refused, and what is kept of it."""

import pytest
from invented import case_in, plan, share
from invented import context as context_of

from ballerup_cli.core.cases.steps import breaches


def refused(case, **changed):
    context = context_of(networks=("Infohus Netværk", "Ballerup-Pladen"))
    return [finding.path for finding in breaches("share", case, share(**changed), context)]


@pytest.mark.parametrize("network", ["Infohus Netværk", "infohus netværk", "Ballerup-Pladen"])
@pytest.mark.parametrize("direction", ["given", "received"])
def test_networks_never_receive_personal_data(network, direction):
    party = {"organisation": network}
    assert refused(case_in("planned"), party=party, direction=direction) == [("party", "organisation")]


def test_a_refusal_is_written_down_whoever_asked():
    assert refused(case_in("planned"), party={"organisation": "Infohus Netværk"}, direction="refused") == []


def test_a_member_that_is_no_party_to_the_case_is_refused():
    party = {"organisation": "headspace", "member": "headspace"}
    assert refused(case_in("received"), party=party) == [("party", "member")]
    assert refused(case_in("received"), party={"organisation": "x", "member": "ukendt"}) == [("party", "member")]


def test_a_member_that_delivers_a_measure_is_a_party():
    mentor = {"measure": "mentor", "provision": "almen indsats", "authority": "Ballerup", "starts": "2026-05-01"}
    case = case_in("assessed", ("plan", plan({**mentor, "delivered_by": "headspace"})))
    assert refused(case, party={"organisation": "headspace", "member": "headspace"}) == []


def test_an_authority_outside_pladen_can_be_a_party():
    assert refused(case_in("received")) == []
