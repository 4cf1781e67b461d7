"""What an import would do, row by row: judged by the rules of the models, with nothing saved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pos.chain.columns import OF_POS, OF_STORE, Cells, Row
from pos.chain.judging import Fields, located, read_cells, refuse_another_description, validate
from pos.chain.verdicts import Verdict
from pos.models import PointOfSale
from stores.models import Account, Store


@dataclass
class PosPlan:
    """A point of sale that is to be made or changed."""

    verdict: Verdict
    external_id: str
    fields: Fields


@dataclass
class StorePlan:
    """A store with its rows. `fields` is None when there is nothing to save of the store itself."""

    account: Account
    external_id: str
    kept: Store | None
    verdict: Verdict  # on the row that describes it
    rows: list[Verdict]
    fields: Fields | None = None
    points: list[PosPlan] = field(default_factory=list)


@dataclass
class Plan:
    """Of a whole file: a verdict on each row, and what is to be saved of the rows that are not refused."""

    verdicts: list[Verdict]
    stores: list[StorePlan]

    @property
    def refused(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.refusals]

    @property
    def to_save(self) -> int:
        """How many stores and points of sale it makes or changes."""
        return sum((one.fields is not None) + len(one.points) for one in self.stores)

    @property
    def accounts(self) -> list[Account]:
        return list({store.account.pk: store.account for store in self.stores}.values())


def plan(
    rows: Iterable[Row], *, accounts: QuerySet[Account] | None = None, stores: QuerySet[Store] | None = None
) -> Plan:
    """Judge the rows. `accounts` and `stores` are those that whoever imports may see; None means all."""
    return _Planner(list(rows), accounts if accounts is not None else Account.objects.all(), stores).plan()


class _Planner:
    """Holds what is in the database beside what is in the file."""

    def __init__(self, rows: Sequence[Row], accounts: QuerySet[Account], visible: QuerySet[Store] | None) -> None:
        self._rows = [(self._verdict(number, cells), cells) for number, cells in rows]
        self._accounts = _accounts(accounts, {cells["account"] for _verdict, cells in self._rows})
        pks = {account.pk for account in self._accounts.values()}
        known = Store.objects.filter(account__in=pks).select_related("account")
        self._stores = {(store.account_id, store.external_id): store for store in known}
        points = PointOfSale.objects.filter(account__in=pks).select_related("store__account")
        self._points = {(pos.account_id, pos.external_id): pos for pos in points}
        self._visible = None if visible is None else {*visible.values_list("pk", flat=True)}
        self._first: dict[tuple[int, str], Verdict] = {}  # where the file names a point of sale

    def plan(self) -> Plan:
        groups: dict[tuple[int, str], list[tuple[Verdict, Cells]]] = {}
        for verdict, cells in self._rows:
            if key := self._key(verdict, cells):
                groups.setdefault(key, []).append((verdict, cells))
        by_pk = {account.pk: account for account in self._accounts.values()}
        self._refuse_duplicates()
        stores = [self._store(by_pk[pk], name, group) for (pk, name), group in groups.items()]
        return Plan([verdict for verdict, _cells in self._rows], stores)

    @staticmethod
    def _verdict(number: int, cells: Cells) -> Verdict:
        pos, name = cells.get("pos_external_id", ""), cells.get("pos_name") or cells["store_name"]
        return Verdict(number, cells["account"], cells["store_external_id"], pos, name)

    def _key(self, verdict: Verdict, cells: Cells) -> tuple[int, str] | None:
        account = self._accounts.get(verdict.account)
        if not verdict.account:
            verdict.refuse("account", _("This cell is empty: write Mercado Pago's user id of the account."))
        elif account is None:
            text = _("There is no account %(account)s. Make it with manage.py create_account, or correct the number.")
            verdict.refuse("account", text % {"account": verdict.account})
        if not verdict.store:
            verdict.refuse("store_external_id", _("This cell is empty: write the external id of the store."))
        if not verdict.pos and (lost := [c.name for c in OF_POS if cells.get(c.name)]):
            text = _("This cell is empty, but %(names)s are not: write the external id of the point of sale.")
            verdict.refuse("pos_external_id", text % {"names": ", ".join(lost)})
        return (account.pk, verdict.store) if account and verdict.store else None

    def _refuse_duplicates(self) -> None:
        for verdict, _cells in self._rows:
            account = self._accounts.get(verdict.account)
            if not (account and verdict.pos):
                continue
            first = self._first.setdefault((account.pk, verdict.pos), verdict)
            if first is not verdict:
                text = _("Rows %(first)s and %(second)s are both point of sale %(pos)s: remove one of them.")
                sentence = text % {"first": first.number, "second": verdict.number, "pos": verdict.pos}
                for one in (first, verdict):
                    one.refuse("pos_external_id", sentence)

    def _store(self, account: Account, external_id: str, group: Sequence[tuple[Verdict, Cells]]) -> StorePlan:
        kept = self._stores.get((account.pk, external_id))
        described = [(verdict, cells) for verdict, cells in group if any(cells.get(c.name) for c in OF_STORE)]
        verdict, cells = described[0] if described else group[0]
        planned = StorePlan(account, external_id, kept, verdict, [one for one, _cells in group])
        store = kept or Store(account=account, external_id=external_id, time_zone=account.site.time_zone)
        store.account = account
        is_good = self._judge_store(planned, store, described, cells if described else None)
        for one, its_cells in group:
            if not is_good and one is not verdict:
                one.refuse("store_external_id", _("Its store is refused: see row %(row)s.") % {"row": verdict.number})
            if one.pos:
                self._judge_pos(planned, store, one, its_cells)
        if all(one.refusals for one in planned.rows):
            planned.fields, planned.points = None, []
        return planned

    def _judge_store(
        self, planned: StorePlan, store: Store, described: Sequence[tuple[Verdict, Cells]], cells: Cells | None
    ) -> bool:
        verdict, kept = planned.verdict, planned.kept
        wrong = len(verdict.refusals)
        if kept and self._visible is not None and kept.pk not in self._visible:
            verdict.refuse("store_external_id", _("This store is not one of yours."))
        elif cells is None:
            if kept is None:
                text = _("There is no store %(store)s: fill in its name and address in one of its rows.")
                verdict.refuse("store_external_id", text % {"store": planned.external_id})
        else:
            before = {column.field: getattr(store, column.field) for column in OF_STORE}
            fields = read_cells(OF_STORE, cells, verdict)
            refuse_another_description(described)
            fields = located(planned.account, fields, verdict)
            validate(store, fields, verdict, part="store")
            verdict.is_new |= kept is None
            if kept is None or verdict.compare(OF_STORE, before, fields):
                planned.fields = fields
        return len(verdict.refusals) == wrong

    def _judge_pos(self, planned: StorePlan, store: Store, verdict: Verdict, cells: Cells) -> None:
        kept = self._points.get((planned.account.pk, verdict.pos))
        if kept and kept.store_id != store.pk:
            text = _("%(id)s belongs to store %(store)s already; choose another external id.")
            verdict.refuse("pos_external_id", text % {"id": verdict.pos, "store": kept.store.external_id})
            return
        pos = kept or PointOfSale(store=store, external_id=verdict.pos)
        before = {column.field: getattr(pos, column.field) for column in OF_POS}
        fields = read_cells(OF_POS, cells, verdict)
        validate(pos, fields, verdict, part="pos")
        verdict.is_new |= kept is None
        if (kept is None or verdict.compare(OF_POS, before, fields)) and not verdict.refusals:
            planned.points.append(PosPlan(verdict, verdict.pos, fields))


def _accounts(accounts: QuerySet[Account], keys: set[str]) -> dict[str, Account]:
    """By what the file calls them: Mercado Pago's user id, or our id."""
    found = list(accounts)
    by_pk = {str(account.pk): account for account in found}
    by_user = {str(account.user_id): account for account in found}
    named = {key: by_user.get(key) or by_pk.get(key) for key in keys}
    return {key: account for key, account in named.items() if account}
