"""Nothing gets out to an address that is not public, however it is written; and what gets out is bounded."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from habitue.channels.addresses import ChannelUrlError, is_allowed, read_target
from habitue.channels.connections import MOST_READ
from habitue.channels.egress import Answer, Egress, Why
from habitue.channels.resolving import Resolve, system_resolve
from habitue.cli.clock import system_clock
from tests.channels.receivers import Said, receiving

SECOND = dt.timedelta(seconds=1)
NOT_PUBLIC = (
    "127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 "
    "169.254.0.1 100.64.0.1 100.127.255.255 100.100.100.200 168.63.129.16 192.0.0.8 192.0.0.192 192.0.2.1 "
    "198.18.0.1 198.51.100.7 203.0.113.9 192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 "
    ":: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1 ::127.0.0.1 ::ffff:0:10.0.0.1 "
    "64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 fe80::1 fe80::1%1 febf::1 fec0::1 fc00::1 fd00::1 "
    "fd00:ec2::254 fd20:ce::254 ff02::1 ff0e::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2001:10::1 "
    "2002:7f00:1::1 2002:a9fe:a9fe:: 2002:c0a8:101::1 3fff::1 5f00::1 100::1 2a00:1450:4001::5efe:10.0.0.1"
)
PUBLIC = "93.184.216.34 8.8.8.8 1.1.1.1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2606:4700::6810:84e5 2a00:1450:4001:81b::200e"
WRITTEN = (
    "https://127.0.0.1/ https://127.1/ https://0x7f.0.0.1/ https://0x7f000001/ https://2130706433/ https://0177.0.0.1/ "
    "https://0177.0.0.01/ https://127.000.000.001/ https://0/ https://localhost/ https://LOCALHOST./ "
    "https://[::1]/ https://[::]/ https://[::ffff:127.0.0.1]/ https://[0:0:0:0:0:ffff:7f00:1]/ https://[fe80::1%25lo]/ "
    "https://169.254.169.254/latest/meta-data/ https://[fd00:ec2::254]/ https://2852039166/ https://0xa9fea9fe/ "
    "https://10.0.0.1/ https://192.168.0.1/ https://100.64.0.1/ https://172.16.1.1/ https://224.0.0.1/ "
    "http://93.184.216.34/ https://93.184.216.34:22/ https://93.184.216.34:80/ https://93.184.216.34:8080/ "
    "https://ann@93.184.216.34/ https://ann:secret@93.184.216.34/ https://93.184.216.34@127.0.0.1/ https://:@1.1.1.1/ "
    "ftp://93.184.216.34/ file:///etc/passwd gopher://127.0.0.1:6379/_ javascript:alert(1) //127.0.0.1/ https:/// "
    "https:127.0.0.1 https://1.1.1.1:99999/ https://1.1.1.1:-1/ https://[::1 https://a]b/ https://ex\u00e4mple.com/ "
    "https://\u2460\u2461\u2466.0.0.1/ https://127.0.0.1\\@1.1.1.1/ https://1.1.1.1\\.localhost/ "
    "https://%31%32%37.0.0.1/ https://127.0.0.1%00.example.com/ "
)


@pytest.mark.parametrize("text", NOT_PUBLIC.split())
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    assert not is_allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC.split())
def test_a_public_address_is_allowed(text: str) -> None:
    assert is_allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("fd12::1", True),
        ("::ffff:192.168.0.1", True),
        ("169.254.169.254", False),
        ("fd00:ec2::254", False),
        ("100.100.100.200", False),
        ("168.63.129.16", False),
        ("fe80::1", False),
        ("224.0.0.1", False),
        ("0.1.2.3", False),
    ],
)
def test_of_ones_own_network_everything_but_metadata_link_local_and_multicast(text: str, *, allowed: bool) -> None:
    assert is_allowed(ipaddress.ip_address(text), allow_private=True) is allowed


@given(st.ip_addresses())
def test_whatever_python_calls_private_or_special_is_never_allowed(address: ipaddress.IPv4Address) -> None:
    if is_allowed(address):
        inside = getattr(address, "ipv4_mapped", None) or address
        assert inside.is_global or address in ipaddress.ip_network("64:ff9b::/96")
        assert not any((inside.is_multicast, inside.is_loopback, inside.is_link_local, inside.is_unspecified))


@pytest.mark.parametrize("url", ["https://1.1.1.1/" + "a" * 2_000, "https://1.1.1.1/a b", "https://1.1.1.1/\r\nX: 1"])
def test_a_url_that_is_too_long_or_holds_blanks_is_refused(url: str) -> None:
    with pytest.raises(ChannelUrlError):
        read_target(url)


CORPUS = """
import asyncio, datetime, sys
reached = []
def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        reached.append(args[1])
sys.addaudithook(watch)
from habitue.channels.addresses import AddressRefusedError, ChannelUrlError, read_target
from habitue.channels.egress import Egress
within = datetime.timedelta(seconds=2)
async def try_all():
    sent = 0
    for url in sys.argv[1:]:
        try:
            target = read_target(url)
        except (AddressRefusedError, ChannelUrlError):
            continue
        answer = await Egress().post(target, b"{}", {}, within)
        assert answer.status is None and answer.why in ("address", "name"), (url, answer)
        sent += 1
    return sent
print(asyncio.run(try_all()), len(sys.argv) - 1, [each for each in reached if not isinstance(each, (str, bytes))])
"""


def test_however_a_forbidden_address_is_written_no_connection_is_made() -> None:
    """Seen by an audit hook of a process of its own: every connection of every library would be in its list."""
    outcome = subprocess.run(
        [sys.executable, "-c", CORPUS, *WRITTEN.split()], capture_output=True, text=True, timeout=60, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    asked, tried, reached = outcome.stdout.split(" ", 2)
    assert (int(tried), reached.strip()) == (len(WRITTEN.split()), "[]")
    # Some are refused only when their name is resolved.
    assert int(asked) >= 5


def post(url: str, *, allow_private: bool = True, resolve: Resolve = system_resolve, **more: object) -> Answer:
    """Send once."""
    trust = more.get("trust")
    assert trust is None or isinstance(trust, ssl.SSLContext)

    async def send() -> Answer:
        egress = Egress(allow_private=allow_private, resolve=resolve, trust=trust)
        try:
            return await egress.post(read_target(url, allow_private=allow_private), b"{}", {}, 2 * SECOND)
        finally:
            egress.close()

    return asyncio.run(send())


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:10.0.0.1"], [], ["x"]])
def test_a_name_that_stands_for_a_forbidden_address_is_not_connected_to(addresses: Sequence[str]) -> None:
    answer = post("https://hooks.example.com/", allow_private=False, resolve=lambda _host, _port: addresses)
    assert answer.why is Why.ADDRESS


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked() -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        """Public to whoever looks, and the metadata service to whoever connects."""
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.com")
        assert post(url, resolve=rebinding).why is Why.ACCEPTED
        assert receiver.got[0].headers["host"] == url.split("/")[2]
    assert asked == ["hooks.example.com"]


def test_a_redirect_is_not_followed_and_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving() as elsewhere:
        monkeypatch.setenv("HTTP_PROXY", elsewhere.url)
        monkeypatch.setenv("ALL_PROXY", elsewhere.url)
        with receiving(lambda _number, _got: Said(status=307, headers={"location": elsewhere.url})) as receiver:
            answer = post(receiver.url)
        assert (answer.why, answer.status) == (Why.REDIRECTED, 307)
        assert elsewhere.got == []


def test_a_cookie_is_not_kept_and_a_large_answer_not_read() -> None:
    headers = {"set-cookie": "a=b"}
    with receiving(lambda _number, _got: Said(headers=headers, body=b"x" * 40 * MOST_READ)) as receiver:

        async def send_twice() -> list[Answer]:
            egress = Egress(allow_private=True)
            target = read_target(receiver.url, allow_private=True)
            try:
                return [await egress.post(target, b"{}", {}, 5 * SECOND) for _ in range(2)]
            finally:
                egress.close()

        assert [each.why for each in asyncio.run(send_twice())] == [Why.ACCEPTED, Why.ACCEPTED]
        assert "cookie" not in receiver.got[1].headers


def test_an_answer_that_drips_for_ever_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.1):
                    try:
                        peer.sendall(b"x-more: 1\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/")
        stop.set()
        thread.join()
    assert answer.why is Why.TIMEOUT
    assert 1_900 < answer.took_ms < 4_000


def test_a_resolver_that_never_answers_does_not_hold_anybody_up() -> None:
    hang = threading.Event()

    def hanging(_host: str, _port: int) -> list[str]:
        hang.wait(20)
        return []

    async def send() -> list[Answer]:
        slow, quick = Egress(resolve=hanging), Egress(allow_private=True)
        target = read_target("https://hooks.example.com/")
        before = threading.active_count()
        waiting = [asyncio.create_task(slow.post(target, b"", {}, SECOND)) for _ in range(20)]
        with receiving() as receiver:
            there = read_target(receiver.url, allow_private=True)
            answers = [await quick.post(there, b"{}", {}, SECOND) for _ in range(5)]
        assert threading.active_count() <= before + 8
        answers += await asyncio.gather(*waiting)
        slow.close()
        quick.close()
        return answers

    whys = [each.why for each in asyncio.run(send())]
    hang.set()
    assert whys == [Why.ACCEPTED] * 5 + [Why.TIMEOUT] * 20


def answered(*pieces: bytes) -> Answer:
    """What becomes of a request that a server answers with these bytes, and then closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                got = b""
                while not got.endswith(b"{}"):
                    got += peer.recv(65_536)
                for piece in pieces:
                    peer.sendall(piece)
                    time.sleep(0.01)

        thread = threading.Thread(target=serve)
        thread.start()
        answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    return answer


@pytest.mark.parametrize(
    ("pieces", "why", "status"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\n"], "accepted", 200),
        ([b"HTTP/1.0 204 No Content\r\n\r\n"], "accepted", 204),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"], "accepted", 202),
        ([b"HTTP/1.1 103 Early Hints\r\nretry-after: 9\r\n\r\nHTTP/1.1 500 No\r\n\r\n"], "failed", 500),
        ([b"HT", b"TP/1.1 2", b"00 OK\r", b"\ncontent-le", b"ngth: 5\r\n\r\nab"], "accepted", 200),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"], "accepted", 200),
        ([b"HTTP/1.1 200"], "failed", None),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], "failed", None),
        ([b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"], "failed", None),
        ([b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000], "failed", None),
        ([b"HTTP/1.1 999999 OK\r\n\r\n"], "failed", None),
        ([], "connection", None),
    ],
)
def test_whatever_comes_back_is_an_answer_or_a_failure(pieces: list[bytes], why: str, status: int | None) -> None:
    answer = answered(*pieces)
    assert (answer.why.value, answer.status) == (why, status)


def test_a_connection_is_used_again_and_another_one_where_the_receiver_closed_it() -> None:
    with receiving(lambda number, _got: Said(headers={"connection": "close"} if number == 2 else {})) as receiver:

        async def send() -> list[Answer]:
            egress, target = Egress(allow_private=True), read_target(receiver.url, allow_private=True)
            answers = [await egress.post(target, b"{}", {}, SECOND) for _ in range(5)]
            egress.close()
            return answers

        assert [each.why for each in asyncio.run(send())] == [Why.ACCEPTED] * 5
    assert len({got.peer for got in receiver.got}) == 2


# --- TLS --------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> Path:
    """A certificate for a name, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = system_clock()
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextmanager
def speaking_tls(path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """A server with a certificate; gives its port, and the names that it was asked for."""
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def serve() -> None:
            try:
                peer, _ = server.accept()
                with context.wrap_socket(peer, server_side=True) as safe:
                    got = b""
                    while not got.endswith(b"{}"):
                        got += safe.recv(65_536)
                    safe.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], asked
        thread.join()


def test_the_certificate_has_to_be_for_the_name_and_trusted(tmp_path: Path) -> None:
    good, other = certificate(tmp_path, "hooks.example.com"), certificate(tmp_path, "other.example.com")
    trust = ssl.create_default_context(cafile=str(good))
    trust.load_verify_locations(other)

    def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    with speaking_tls(good) as (port, asked):
        url = f"https://hooks.example.com:{port}/"
        assert post(url, resolve=here, trust=trust).why is Why.ACCEPTED
    assert asked == ["hooks.example.com"]
    with speaking_tls(other) as (port, _):
        assert post(f"https://hooks.example.com:{port}/", resolve=here, trust=trust).why is Why.TLS
    with speaking_tls(good) as (port, _):
        assert post(f"https://hooks.example.com:{port}/", resolve=here).why is Why.TLS


# --- Waiting ----------------------------------------------------------------------------------------------------------

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
