"""How long a list is, without counting millions of rows: nobody reads on after fifty pages."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.db import connections
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from stores import working

MOST: Final = 2_500  # rows that a list has pages for; whoever looks for another one searches or filters


class FrugalPaginator(Paginator[Any]):
    """Counts up to `MOST` and one more; of a whole big table it takes what PostgreSQL believes it to hold."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if not hasattr(rows, "query"):
            return len(rows)
        # The order and the related rows are of no use for counting; a slice would drag them along.
        return self._estimate or int(rows.order_by().select_related(None)[: MOST + 1].count())

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, max(MOST // self.per_page, 1))

    @property
    def told(self) -> str:
        """The count for people."""
        if self.count <= MOST:
            return str(self.count)
        if self._estimate:
            return _("about %(count)s") % {"count": number_format(self.count, use_l10n=True, force_grouping=True)}
        return _("more than %(count)s") % {"count": number_format(MOST, use_l10n=True, force_grouping=True)}

    @property
    def is_cut_off(self) -> bool:
        return self.count > MOST

    @property
    def may_select_all(self) -> bool:
        """Not what is too long to be counted, or longer than any action takes at once."""
        return self.count <= min(MOST, working.MOST)

    @cached_property
    def _estimate(self) -> int:
        """0: to be counted, since it is filtered or small, or the database has no idea."""
        rows: Any = self.object_list
        connection = connections[rows.db]
        if connection.vendor != "postgresql" or rows.query.where or rows.query.is_sliced or rows.query.distinct:
            return 0
        with connection.cursor() as cursor:
            # Of the table that this connection means, whatever else is called like it.
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
            )
            found = cursor.fetchone()
        return int(found[0]) if found and found[0] > MOST else 0
