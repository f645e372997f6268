"""The range of Hump Outdoor (驼峰户外), the demo company: 24 products in five colours each, as data.

Prices are list prices in yuan, tax included, as decimal strings; weights are grams of one sales
unit; stock is the opening stock in sales units. A SKU is `<model>-<colour>`, for example
`HP-210-PE`, and is also the key of the picture in `assets/pictures/index.json`.
"""

from dataclasses import dataclass
from decimal import Decimal

TAX_CLASS = "vat-13"
TAX_RATE = "0.13"


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the catalogue; categories are shown in the order of `CATEGORIES`."""

    key: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the range; `key` names its paint in the drawings, `code` ends the SKU."""

    key: str
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A sales unit."""

    key: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Model:
    """One product before its colours; `drawing` is the function that draws it."""

    code: str
    drawing: str
    category: str
    unit: str
    list_price: str
    weight_g: int
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    stock: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One article that can be ordered."""

    sku: str
    model: str
    drawing: str
    colour: str
    colour_zh: str
    colour_en: str
    category: str
    unit: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    list_price: str
    tax_class: str
    weight_g: int
    stock: int


CATEGORIES: tuple[Category, ...] = (
    Category("shelter", "帐篷", "Shelter"),
    Category("light", "灯具", "Lights"),
    Category("furniture", "桌椅", "Furniture"),
    Category("kitchen", "炊具", "Kitchen"),
    Category("drink", "水具", "Drinkware"),
    Category("sleep", "睡眠", "Sleep"),
    Category("hiking", "徒步", "Hiking"),
    Category("power", "电源工具", "Power & tools"),
)

UNITS: tuple[Unit, ...] = (
    Unit("piece", "件", "pc"),
    Unit("set", "套", "set"),
    Unit("each", "个", "ea"),
    Unit("pair", "双", "pair"),
)

COLOURS: tuple[Colour, ...] = (
    Colour("petrol", "PE", "湖蓝", "Lake"),
    Colour("sandstone", "SA", "砂岩", "Sandstone"),
    Colour("pine", "PI", "松针", "Pine"),
    Colour("terracotta", "TE", "赤陶", "Terracotta"),
    Colour("slate", "SL", "岩灰", "Slate"),
    Colour("cream", "CR", "米白", "Cream"),
    Colour("charcoal", "CH", "炭黑", "Charcoal"),
    Colour("moss", "MO", "苔绿", "Moss"),
    Colour("rose", "RO", "晚霞", "Sunset"),
    Colour("mustard", "MU", "芥黄", "Mustard"),
    Colour("mist", "MI", "雾蓝", "Mist"),
    Colour("indigo", "IN", "靛青", "Indigo"),
    Colour("gold", "GO", "流金限量", "Gold limited"),
)


def _stock(**units: int) -> tuple[tuple[str, int], ...]:
    return tuple(units.items())


MODELS: tuple[Model, ...] = (
    Model(
        "HP-110", "tent", "shelter", "piece", "799.00", 2100, "驼峰 双人帐篷", "Hump tent for two",
        "三分钟搭好，双层防雨，抗八级风。", "Up in three minutes, double wall, holds in a gale.",
        _stock(sandstone=64, petrol=48, pine=52, terracotta=30, slate=26),
    ),
    Model(
        "HP-120", "tarp", "shelter", "piece", "459.00", 2850, "云檐 六角天幕", "Eaves hexagon tarp",
        "遮阳面积 18 平方米，含两根木杆和地钉。", "18 square metres of shade, two wooden poles and pegs included.",
        _stock(cream=40, sandstone=36, pine=44, petrol=22, terracotta=18),
    ),
    Model(
        "HP-210", "lantern", "light", "each", "149.00", 620, "篝火 露营灯", "Campfire lantern",
        "暖光无极调光，一次充电亮 60 小时。", "Warm light, stepless dial, 60 hours on one charge.",
        _stock(petrol=180, terracotta=120, pine=96, charcoal=140, gold=1),
    ),
    Model(
        "HP-220", "headlamp", "light", "each", "119.00", 86, "启明 头灯", "Daystar headlamp",
        "450 流明，感应开关，雨中可用。", "450 lumens, wave switch, works in the rain.",
        _stock(mustard=160, petrol=210, terracotta=130, moss=90, mist=75),
    ),
    Model(
        "HP-310", "chair", "furniture", "piece", "239.00", 2300, "沙丘 折叠椅", "Dune folding chair",
        "榉木椅架，厚帆布，承重 120 公斤。", "Beech frame, heavy canvas, carries 120 kg.",
        _stock(petrol=210, sandstone=150, cream=120, moss=84, charcoal=132),
    ),
    Model(
        "HP-320", "table", "furniture", "piece", "369.00", 4200, "平川 蛋卷桌", "Plain roll-top table",
        "桌面可卷起，一分钟装进收纳袋。", "The top rolls up and is in its bag within a minute.",
        _stock(cream=58, petrol=46, pine=40, charcoal=62, mustard=24),
    ),
    Model(
        "HP-330", "cooler", "furniture", "each", "529.00", 6800, "雪窖 保温箱 35L", "Snow cellar cooler 35 L",
        "冰块保存四天，箱盖可当凳子坐。", "Keeps ice for four days; the lid is a seat.",
        _stock(petrol=38, moss=44, mist=36, terracotta=28, slate=30),
    ),
    Model(
        "HP-410", "stove", "kitchen", "each", "259.00", 1750, "烽火 卡式炉", "Beacon gas stove",
        "2.9 千瓦，双层防风，气罐过压自动断开。", "2.9 kW, double wind guard, cuts off at overpressure.",
        _stock(terracotta=95, cream=88, petrol=76, charcoal=102, mustard=40),
    ),
    Model(
        "HP-420", "cookware", "kitchen", "set", "329.00", 1480, "团圆 锅具四件套", "Gathering cook set of four",
        "汤锅、锅盖、煎锅和碗，套在一起收纳。", "Pot, lid, pan and bowl that nest into one.",
        _stock(terracotta=70, pine=66, slate=58, petrol=61, cream=35),
    ),
    Model(
        "HP-430", "coffee", "kitchen", "set", "219.00", 980, "晨雾 手冲咖啡套装", "Morning mist pour-over set",
        "滤杯、玻璃壶和杯子，自带收纳盒。", "Dripper, glass server and cup in a travel case.",
        _stock(cream=54, mist=48, rose=42, charcoal=60, pine=33),
    ),
    Model(
        "HP-510", "jug", "drink", "each", "199.00", 890, "绿洲 保温壶 1.2L", "Oasis thermal jug 1.2 L",
        "24 小时保温，316 不锈钢内胆。", "Hot for 24 hours, 316 stainless steel inside.",
        _stock(cream=18, petrol=90, pine=84, terracotta=72, slate=66),
    ),
    Model(
        "HP-520", "mug", "drink", "each", "69.00", 240, "星河 搪瓷杯 400ml", "Milky Way enamel mug 400 ml",
        "加厚搪瓷，可直接放在炉火上。", "Thick enamel that can stand on the fire.",
        _stock(cream=320, petrol=410, terracotta=260, indigo=240, moss=190),
    ),
    Model(
        "HP-530", "water_filter", "drink", "each", "289.00", 310, "清泉 净水壶", "Clear spring filter bottle",
        "0.1 微米中空纤维膜，可过滤 1000 升。", "0.1 micron hollow fibre, filters 1,000 litres.",
        _stock(petrol=86, mustard=64, pine=58, terracotta=49, charcoal=72),
    ),
    Model(
        "HP-610", "sleeping_bag", "sleep", "piece", "649.00", 1150, "暖巢 羽绒睡袋", "Warm nest down bag",
        "舒适温度零下 5 度，600 蓬鸭绒。", "Comfort at −5 °C, 600 fill duck down.",
        _stock(petrol=72, terracotta=55, pine=60, indigo=47, slate=38),
    ),
    Model(
        "HP-620", "mat", "sleep", "piece", "129.00", 420, "草原 蛋槽防潮垫", "Meadow foam mat",
        "双面蛋槽，隔冷防潮，卷起只有 12 厘米粗。", "Egg-crate foam against cold and damp; rolls to 12 cm.",
        _stock(pine=230, sandstone=150, petrol=175, slate=140, rose=80),
    ),
    Model(
        "HP-630", "hammock", "sleep", "piece", "159.00", 560, "绿荫 吊床", "Green shade hammock",
        "承重 200 公斤，含绑树带，不伤树皮。", "Carries 200 kg; tree straps that spare the bark.",
        _stock(petrol=110, terracotta=92, sandstone=84, moss=78, indigo=65),
    ),
    Model(
        "HP-710", "pack", "hiking", "each", "699.00", 1680, "远行 登山包 45L", "Long road pack 45 L",
        "可调背长，防雨罩，腰封透气。", "Adjustable back, rain cover, airy hip belt.",
        _stock(petrol=66, pine=58, sandstone=50, charcoal=70, rose=24),
    ),
    Model(
        "HP-720", "boots", "hiking", "pair", "869.00", 1240, "踏石 徒步鞋", "Stepping stone boots",
        "头层牛皮，防水内衬，耐磨大底。", "Full-grain leather, waterproof lining, hard-wearing sole.",
        _stock(sandstone=88, charcoal=120, pine=74, terracotta=62, indigo=40),
    ),
    Model(
        "HP-730", "jacket", "hiking", "piece", "999.00", 480, "山雨 冲锋衣", "Mountain rain jacket",
        "三层压胶，透湿 2 万克，帽子可调。", "Three layers, taped seams, adjustable hood.",
        _stock(petrol=96, terracotta=70, moss=64, charcoal=110, mustard=52),
    ),
    Model(
        "HP-740", "poles", "hiking", "pair", "279.00", 460, "行者 登山杖", "Walker trekking poles",
        "碳纤维杖身，软木手柄，三节伸缩。", "Carbon shafts, cork grips, three sections.",
        _stock(petrol=84, terracotta=76, mustard=48, pine=55, charcoal=90),
    ),
    Model(
        "HP-810", "solar", "power", "piece", "1290.00", 4300, "向日 折叠太阳能板 100W", "Sunward folding panel 100 W",
        "三折收纳，转换率 23%，防水溅。", "Three leaves, 23% efficient, splash proof.",
        _stock(slate=22, sandstone=18, pine=20, charcoal=34, petrol=16),
    ),
    Model(
        "HP-820", "power_station", "power", "each", "2399.00", 7600, "驼力 户外电源 600Wh", "Hump power station 600 Wh",
        "两个交流插座，一小时充到八成。", "Two AC sockets, 80% charged in an hour.",
        _stock(charcoal=26, petrol=18, mustard=14, pine=12, cream=15),
    ),
    Model(
        "HP-830", "multitool", "power", "each", "189.00", 165, "巧匠 多功能刀", "Craftsman pocket knife",
        "九种工具，不锈钢刀片，带锁定。", "Nine tools, stainless blades, with a lock.",
        _stock(terracotta=150, petrol=130, pine=98, charcoal=170, indigo=60),
    ),
    Model(
        "HP-840", "first_aid", "power", "set", "139.00", 540, "平安 急救包", "Safe road first-aid kit",
        "42 件急救用品，一侧全开，取用方便。", "42 items; opens flat, everything within reach.",
        _stock(terracotta=140, petrol=90, moss=75, rose=48, charcoal=66),
    ),
)  # fmt: skip

LAST_UNIT_SKU = "HP-210-GO"
"""The one article with a single unit in stock: two reps can promise it, one of them can keep it."""
SHOW_STOCK = {"HP-110-SA": Decimal(24), "HP-210-PE": Decimal(60)}
"""SKU → units that are set aside for the trade show: of products that other stories leave alone."""

_PRICE_OVERRIDES = {LAST_UNIT_SKU: "299.00"}


def _products() -> tuple[Product, ...]:
    colours = {colour.key: colour for colour in COLOURS}
    products = []
    for model in MODELS:
        for key, units in model.stock:
            colour = colours[key]
            sku = f"{model.code}-{colour.code}"
            products.append(
                Product(
                    sku=sku,
                    model=model.code,
                    drawing=model.drawing,
                    colour=key,
                    colour_zh=colour.name_zh,
                    colour_en=colour.name_en,
                    category=model.category,
                    unit=model.unit,
                    name_zh=f"{model.name_zh} {colour.name_zh}",
                    name_en=f"{model.name_en}, {colour.name_en.lower()}",
                    description_zh=model.description_zh,
                    description_en=model.description_en,
                    list_price=_PRICE_OVERRIDES.get(sku, model.list_price),
                    tax_class=TAX_CLASS,
                    weight_g=model.weight_g,
                    stock=units,
                )
            )
    return tuple(products)


PRODUCTS: tuple[Product, ...] = _products()
