"""The demo range and its pictures keep what the catalogue counts on."""

import hashlib
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from server.demo.products import CATEGORIES, COLOURS, LAST_UNIT_SKU, MODELS, PRODUCTS, TAX_CLASS, UNITS, Product

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "assets" / "pictures"
PICTURE_BYTES_MAX = 25_000
WIDTH, HEIGHT = 480, 360


@pytest.fixture(scope="module")
def index() -> dict[str, str]:
    return json.loads((PICTURES / "index.json").read_text(encoding="utf-8"))


def webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height from a lossy WebP header (RFC 9649, section 2.5)."""
    assert data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8 " and data[23:26] == b"\x9d\x01\x2a"
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def test_there_are_24_products_in_five_colours_each() -> None:
    assert len(MODELS) == 24
    assert len(PRODUCTS) == 120
    assert set(Counter(product.model for product in PRODUCTS).values()) == {5}
    assert len({(product.model, product.colour) for product in PRODUCTS}) == 120


def test_skus_and_names_are_unique_and_skus_are_safe_in_a_file_name() -> None:
    for values in zip(*((p.sku, p.name_zh, p.name_en) for p in PRODUCTS), strict=True):
        assert len(set(values)) == len(PRODUCTS)
    assert all(re.fullmatch(r"HP-\d{3}-[A-Z]{2}", product.sku) for product in PRODUCTS)


def test_eight_categories_are_named_in_both_languages_and_none_is_empty() -> None:
    assert len(CATEGORIES) == 8
    assert {product.category for product in PRODUCTS} == {category.key for category in CATEGORIES}
    for named in (*CATEGORIES, *COLOURS, *UNITS):
        assert re.search(r"[\u4e00-\u9fff]", named.name_zh) and named.name_en.isascii()


def test_each_unit_and_colour_is_declared_and_used() -> None:
    assert {product.unit for product in PRODUCTS} == {unit.key for unit in UNITS}
    assert {product.colour for product in PRODUCTS} == {colour.key for colour in COLOURS}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.sku)
def test_a_product_is_complete(product: Product) -> None:
    price = Decimal(product.list_price)
    assert price > 0 and price.as_tuple().exponent == -2
    assert product.tax_class == TAX_CLASS
    assert product.weight_g > 0
    assert product.stock >= 1
    assert re.search(r"[\u4e00-\u9fff]", product.description_zh)
    assert product.description_en and not re.search(r"[\u4e00-\u9fff]", product.description_en)


def test_exactly_one_product_has_a_single_unit_left() -> None:
    assert [product.sku for product in PRODUCTS if product.stock == 1] == [LAST_UNIT_SKU]


def test_every_product_has_one_picture_and_no_other_picture_lies_about(index: dict[str, str]) -> None:
    assert set(index) == {product.sku for product in PRODUCTS}
    assert set(index.values()) == {file.name for file in PICTURES.glob("*.webp")}
    assert len(set(index.values())) == 120


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.sku)
def test_a_picture_is_named_by_its_content_and_small(product: Product, index: dict[str, str]) -> None:
    data = (PICTURES / index[product.sku]).read_bytes()
    assert index[product.sku] == f"{product.sku}.{hashlib.sha256(data).hexdigest()[:12]}.webp"
    assert len(data) <= PICTURE_BYTES_MAX
    assert webp_size(data) == (WIDTH, HEIGHT)
