"""How answers are read: what may be asked again, and what may not."""

import asyncio

import pytest

from roadworthy.vehicle import ddi
from roadworthy.vehicle.ddi import Gateway, Link


def asked(status, body=b"", *headers, ask=lambda one: one.poll()):
    """Ask a server that gives one answer to everything."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
        writer.write("\r\n".join([*head, *headers, "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Gateway(f"http://127.0.0.1:{port}/", "T E") as gateway:
            return await ask(gateway.vehicle("a/b", "token"))

    return asyncio.run(main())


def test_a_poll_says_what_there_is_to_do():
    poll = asked(
        200,
        b'{"config":{"polling":{"sleep":"01:02:03"}},"_links":{"deploymentBase":'
        b'{"href":"http://h/T/controller/v1/a/deploymentBase/42?c=-7"},"other":{"href":"x"}}}',
    )
    assert poll.config.polling.seconds == 3723
    assert poll.links.deployment_base.action_id == 42
    assert poll.links.cancel_action is None
    assert poll.links.config_data is None


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, [], ddi.NotLetIn),
        (404, [], ddi.NotOffered),
        (410, [], ddi.Over),
        (400, [], ddi.Refused),
        (405, [], ddi.Refused),
        (429, [], ddi.Refused),  # a quota: waiting does not help
        (429, ["Retry-After: 1"], ddi.Unreachable),
        (500, [], ddi.Unreachable),
        (503, ["Retry-After: 2"], ddi.Unreachable),
    ],
)
def test_each_refusal_has_its_meaning(status, headers, error):
    with pytest.raises(error):
        asked(status, b"", *headers)


def test_a_gateway_may_wish_to_be_left_alone_for_a_while():
    with pytest.raises(ddi.Unreachable) as caught:
        asked(503, b"", "Retry-After: 2")
    assert caught.value.seconds == 2


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"config":{}}', b'{"_links":7}'])
def test_an_answer_that_is_none_may_be_asked_for_again(body):
    with pytest.raises(ddi.Unreachable):
        asked(200, body)


def test_a_gateway_that_is_not_there_may_be_asked_again():
    async def main():
        async with Gateway("http://127.0.0.1:9", "T") as gateway:
            await gateway.vehicle("a", "token").poll()

    with pytest.raises(ddi.Unreachable, match="ClientConnectorError"):
        asyncio.run(main())


def test_a_deployment_is_read_with_its_metadata():
    deployment = asked(
        200,
        b'{"id":"8","deployment":{"download":"forced","update":"attempt",'
        b'"maintenanceWindow":"available","chunks":[{"part":"os","name":"camera","version":"2",'
        b'"metadata":[{"key":"tuf-target","value":"a/b.swu"}],"artifacts":[{"filename":"b.swu",'
        b'"size":3,"hashes":{"sha1":"1","md5":"2"},"_links":{"download-http":{"href":"u"}}}]}]}}',
        ask=lambda one: one.deployment(Link(one._base + "/deploymentBase/8")),
    )
    (chunk,) = deployment.deployment.chunks
    (artifact,) = chunk.artifacts
    assert deployment.action_id == 8
    assert chunk.tuf_target == "a/b.swu"
    assert (artifact.href, artifact.hashes.sha256) == ("u", "")


def test_a_cancellation_names_the_action():
    body = b'{"id":"11","cancelAction":{"stopId":"11"}}'
    ask = lambda one: one.cancellation(Link(one._base + "/cancelAction/11"))  # noqa: E731
    assert asked(200, body, ask=ask) == 11
