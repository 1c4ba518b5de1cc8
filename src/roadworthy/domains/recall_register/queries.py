"""What can be asked of the register. All of it is public; no vehicle's owner is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from roadworthy.domains.recall_register import errors
from roadworthy.domains.recall_register.models import Line, Product, Recall

ORDERS: Final = {
    "announced": "announced",
    "number": "number",
    "maker": "maker",
    "units": "units",
    "authority": "authority",
    "changed": "changed_at",
}


def recalls(
    *,
    search: str = "",
    authority: str = "",
    year: int | None = None,
    remedy: str = "",
    sort: str = "-announced",
) -> QuerySet[Recall]:
    """Return the recalls; ``search`` looks at number, maker, products, models and defect."""
    found = Recall.objects.all()
    if authority:
        found = found.filter(authority=authority)
    if year is not None:
        found = found.filter(year=year)
    if remedy:
        found = found.filter(remedy=remedy)
    for word in search.split():
        models = Product.objects.filter(
            Q(model__icontains=word) | Q(make__icontains=word), recall=OuterRef("pk")
        )
        found = found.filter(
            Q(number__icontains=word)
            | Q(maker__icontains=word)
            | Q(products__icontains=word)
            | Q(defect__icontains=word)
            | Exists(models)
        )
    key = F(ORDERS.get(sort.removeprefix("-"), "announced"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-pk")


def recall(recall_id: int) -> Recall:
    """Return one recall.

    Raises:
        NoSuchRecall.
    """
    found = Recall.objects.filter(pk=recall_id).first()
    if found is None:
        raise errors.NoSuchRecall
    return found


def models_of(recall_id: int) -> QuerySet[Product]:
    """Return the models that a recall names."""
    return Product.objects.filter(recall_id=recall_id).order_by("make", "model", "model_year")


def documents_of(recall_id: int) -> QuerySet[Line, dict[str, object]]:
    """Return the documents of a recall, each with for how many models it stands there."""
    of_recall = Line.objects.filter(recall_id=recall_id).exclude(document="")
    return of_recall.values("document", "words").annotate(models=Count("pk")).order_by("document")


def ranges_of(recall_id: int) -> QuerySet[Line]:
    """Return the rows that name VINs or days of production."""
    named = ~Q(vin_from="") | Q(built_from__isnull=False)
    return Line.objects.filter(named, recall_id=recall_id, document="").order_by("pk")


def years() -> list[int]:
    """Return the years of which there are recalls, newest first."""
    found = Recall.objects.filter(year__isnull=False).values_list("year", flat=True).distinct()
    return sorted((year for year in found if year), reverse=True)


def newest(count: int) -> list[Recall]:
    """Return what was last entered or amended."""
    return list(Recall.objects.order_by("-changed_at", "-pk")[:count])


def open_data() -> Iterator[Recall]:
    """Yield the whole register in the order of entry, in bounded memory."""
    return Recall.objects.order_by("pk").iterator(chunk_size=1000)
