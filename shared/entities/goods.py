"""What is sold: categories, products, taxes, price lists, prices."""

from decimal import Decimal
from typing import Annotated, ClassVar

from shared import fields as f
from shared.entities.record import Record
from shared.fields import EntityOptions, Scope

DESK = {"create": ("manager", "admin"), "patch": ("manager", "admin"), "delete": ("admin",), "restore": ("admin",)}


class Category(Record, kw_only=True):
    """A shelf of the catalogue."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic=DESK)
    name: Annotated[str, f.text(60, form=1, column=1)]
    name_en: Annotated[str, f.text(60, form=2, column=2)] = ""
    position: Annotated[int, f.integer(0, 10_000, form=3)] = 0


class Tax(Record, kw_only=True):
    """A tax rate; prices include it."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic={"create": ("admin",), "patch": ("admin",)})
    name: Annotated[str, f.text(60, form=1, column=1)]
    rate: Annotated[Decimal, f.percent(form=2, column=2)] = Decimal(0)


class Product(Record, kw_only=True):
    """Something with a SKU that can be ordered."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic=DESK)
    sku: Annotated[str, f.code(40, form=1, column=2, search="text", unique=True)]
    name: Annotated[str, f.text(120, form=2, column=1, search="name")]
    name_en: Annotated[str, f.text(120, form=3, search="name")] = ""
    variant: Annotated[str, f.text(60, form=4, column=3, search="name")] = ""
    variant_en: Annotated[str, f.text(60, form=5)] = ""
    category_id: Annotated[str | None, f.ref("category", form=6)] = None
    tax_id: Annotated[str | None, f.ref("tax", form=7)] = None
    unit: Annotated[str, f.text(20, form=8)] = "件"
    unit_en: Annotated[str, f.text(20, form=9)] = "pc"
    step: Annotated[Decimal, f.quantity(minimum=0)] = Decimal(1)
    """Quantities are multiples of it."""
    picture: Annotated[str, f.code(120)] = ""
    """File name under ``/pictures/``, with the content's hash in it."""
    description: Annotated[str, f.long_text(2_000, form=10, search="text")] = ""
    description_en: Annotated[str, f.long_text(2_000, form=11)] = ""
    active: Annotated[bool, f.flag(form=12)] = True


class PriceList(Record, kw_only=True):
    """A named set of prices, tax included."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, generic=DESK)
    name: Annotated[str, f.text(80, form=1, column=1)]
    name_en: Annotated[str, f.text(80, form=2)] = ""
    is_default: Annotated[bool, f.flag(form=3, column=2)] = False


class Price(Record, kw_only=True):
    """Price of a product on a list; its id is ``ids.price_id(list, product)``."""

    OPTIONS: ClassVar = EntityOptions(scope=Scope.ORGANISATION, title="id", generic=DESK)
    price_list_id: Annotated[str, f.parent("price_list")]
    product_id: Annotated[str, f.ref("product")]
    amount: Annotated[Decimal, f.money(form=1, column=1, minimum=0)]
