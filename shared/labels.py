"""Names for people, from the declarations: of entities, fields, choices and problems."""

from shared.catalog import ENTITIES
from shared.entities.record import COMMON
from shared.errors import Problem
from shared.locale import has, translate


def entity_label(language: str, entity: str) -> str:
    """``account`` → 客户 / Customer; a name that no catalogue knows stays as it is."""
    key = f"entity.{entity}"
    return translate(language, key) if has(key) else entity


def field_key(entity: str, field: str) -> str:
    """The catalogue key of a field's label; fields of every row share theirs."""
    return f"field.{field}" if field in COMMON else f"field.{entity}.{field}"


def field_label(language: str, entity: str, field: str) -> str:
    """Label of one field, or of several joined by ``,``."""
    names = (translate(language, field_key(entity, name)) for name in field.split(","))
    return ("、" if language == "zh" else ", ").join(names)


def choice_label(language: str, entity: str, field: str, value: str) -> str:
    """Word for one value of an enumeration."""
    return translate(language, f"choice.{entity}.{field}.{value}")


def hint(language: str, entity: str, field: str) -> str:
    """The field's hint, empty when there is none."""
    key = f"hint.{entity}.{field}"
    return translate(language, key) if has(key) else ""


def problem_words(language: str, problem: Problem) -> tuple[str, str]:
    """(what happened, what to do next). Names of entities, and of an entity's ``fields``, are put into words."""
    params = {**problem.params}
    entity = params.get("entity")
    if entity in ENTITIES:
        params["entity"] = entity_label(language, entity)
        if "fields" in params:
            params["fields"] = field_label(language, entity, params["fields"])
    key = f"error.{problem.code}"
    if not has(key):
        raise KeyError(f"no words for the error code {problem.code!r}")
    return translate(language, key, **params), translate(language, f"{key}.todo", **params)
