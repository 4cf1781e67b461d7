import pytest
from django.db.models import Q

from stores.compiled import Compiled
from stores.models import Store
from tests.factories import StoreFactory


@pytest.fixture
def some(db):
    return [StoreFactory.create() for _ in range(3)]


def test_the_rows_are_those_of_the_query_itself_related_ones_too(some, django_assert_num_queries) -> None:
    def build(name, account_id, ids):
        return Store.objects.select_related("account").filter(Q(name=name, account=account_id) | Q(pk__in=ids))

    stores = Compiled(build)
    for arguments in ((some[0].name, some[0].account_id, [some[1].pk]), ("%s", 0, [s.pk for s in some]), ("", 0, [])):
        with django_assert_num_queries(1):
            found = stores(*arguments)
            accounts = [store.account.__dict__["user_id"] for store in found]
        expected = list(build(*arguments).order_by("pk"))
        found.sort(key=lambda store: store.pk)
        assert found == expected
        assert (accounts and accounts == [s.account.user_id for s in expected]) or not expected
        for ours, theirs in zip(found, expected, strict=True):
            assert {k: v for k, v in vars(ours).items() if k != "_state"} == {
                k: v for k, v in vars(theirs).items() if k != "_state"
            }


def test_nothing_can_be_found_in_an_empty_list(some) -> None:
    assert Compiled(lambda ids: Store.objects.filter(pk__in=ids))([]) == []


def test_an_empty_list_may_take_other_arguments_away(some) -> None:
    stores = Compiled(lambda pk, account_id, ids: Store.objects.filter(Q(pk=pk) | Q(account=account_id, pk__in=ids)))
    assert stores(some[0].pk, some[1].account_id, []) == [some[0]]


def test_each_call_asks_anew(some) -> None:
    named = Compiled(lambda pk: Store.objects.filter(pk=pk))
    before = named(some[0].pk)[0].name
    Store.objects.filter(pk=some[0].pk).update(name=before + "!")
    assert named(some[0].pk)[0].name == before + "!"
    assert named(some[1].pk)[0].pk == some[1].pk


def test_an_argument_that_does_not_reach_the_statement_is_a_mistake(some) -> None:
    with pytest.raises(TypeError):
        Compiled(lambda pk, unused: Store.objects.filter(pk=pk))(1, 2)
