"""What bodies and answers of the JSON API share."""

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError


def in_one_sentence(reason: str) -> WrapValidator:
    """For a member that comes in one of several shapes: what is wrong with it is `reason`.

    pydantic would name every shape that it has tried, as if each were a field.
    """

    def validate(value: Any, shapes: ValidatorFunctionWrapHandler) -> Any:
        try:
            return shapes(value)
        except ValidationError:
            raise PydanticCustomError("no_shape", "{reason}", {"reason": reason}) from None

    return WrapValidator(validate)


class Strict(Schema):
    """A body in which a misspelt member is an error: it must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid")


class ForceBody(Strict):
    """Whether to delete by force: in the query or, as here, in a body."""

    force: bool = False


class Deleted(Schema):
    """The answer to a deletion of which there is nothing more to say."""

    success: bool = True
