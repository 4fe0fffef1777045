"""The socket over which the logs of a stack are followed."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from containermonkey.asked_times import wrong
from containers.logs.consumers import NO, LinesConsumer
from containers.logs.options import LogOptions
from stacks.logs.following import StackFollower
from stacks.logs.positions import Positions, as_word, of_word
from stacks.logs.rendering import frame, json_lines


class StackLogConsumer(LinesConsumer):
    """Sends the lines of a stack's logs: fragments to pages, with `?format=json` JSON lines,
    each as a message.

    Query: `service`, and what the socket of one container takes; `after` is what it was told.
    """

    async def messages(self, words: Mapping[str, str]) -> AsyncGenerator[str, None]:
        options = LogOptions.of({**words, "after": ""})
        follower = StackFollower(
            self.scope["url_route"]["kwargs"]["name"],
            words.get("service", ""),
            options,
            known(words),
            follow=words.get("follow") not in NO,
        )
        async with aclosing(follower.deliveries()) as deliveries:
            async for heard in deliveries:
                if words.get("format") == "json":
                    for line in json_lines(heard):
                        yield line
                else:
                    yield frame(heard, as_word(follower.positions), options.search)


def known(words: Mapping[str, str]) -> Positions:
    try:
        return of_word(words.get("after", ""))
    except ValueError:
        raise wrong("after", "must be what was sent as such") from None
