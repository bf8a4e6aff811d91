"""The base of all descriptions: immutable values whose errors are explained in the terms of forcest."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from forcest.errors import ModelError


class DescriptionError(ModelError, ValueError):
    """A description that cannot be built; a ValueError, so that pydantic collects it from nested parts."""


class Description(BaseModel):
    """Base of all descriptions: immutable, refuses unknown fields, reports all faults at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, /, **data: Any):
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise DescriptionError(_message(type(self), error)) from None

    @classmethod
    def model_validate_json(cls, *args: Any, **options: Any) -> Self:
        """A description from its JSON text."""
        try:
            return super().model_validate_json(*args, **options)
        except ValidationError as error:
            raise DescriptionError(_message(cls, error)) from None

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated anew; ``copy.replace`` does the same.

        Parameters
        ----------
        **changes
            New values by field.

        Returns
        -------
        Self
            This description is unchanged.

        Raises
        ------
        ModelError
            If a field is unknown or a value is invalid.

        Examples
        --------
        >>> model.replace(step="3D").step
        '3D'
        """
        return type(self)(**dict(self) | changes)

    def __replace__(self, **changes: Any) -> Self:
        return self.replace(**changes)


def _message(described: type[Description], error: ValidationError) -> str:
    faults = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"] if "[" not in str(part))
        text = _explained(described, fault)
        faults.append(f"{where}: {text}" if where else text)
    return f"{described.__name__} cannot be built. " + "; ".join(dict.fromkeys(faults))


def _explained(described: type[Description], fault: Any) -> str:
    """A fault found by pydantic, and its remedy."""
    match fault["type"]:
        case "missing":
            return f"must be given; see help({described.__name__})"
        case "extra_forbidden":
            return f"is not known; {described.__name__} has {', '.join(described.model_fields)}"
        case "model_type":
            name = fault["ctx"]["class_name"]
            return f"must be a {name}; got {fault['input']!r}. Write {name}(...)"
        case "value_error":
            return str(fault["ctx"]["error"])
        case "json_invalid":
            return f"must be JSON, as model_dump_json() writes it; {fault['msg']}"
    return f"{fault['msg']}; got {fault['input']!r}"
