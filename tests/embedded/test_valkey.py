"""The embedded broker: shared like the database, durable to the second, and replaceable."""

import os
import signal
from pathlib import Path

import redis

from b2b.embedded.valkey import Valkey


def client(server: Valkey) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.socket_path))


def test_the_last_user_stops_the_server_and_the_queue_is_kept(home, use):
    first, second = use("Valkey", home), use("Valkey", home)
    server = Valkey(home)
    with client(server) as connection:
        connection.rpush("orders", "task")
    first.leave()
    assert server.is_running()
    second.leave()
    assert not server.is_running()
    third = use("Valkey", home)
    with client(server) as connection:
        assert connection.lrange("orders", 0, -1) == [b"task"]
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    third.leave()


def test_it_comes_back_after_kill_9(home, use):
    user = use("Valkey", home)
    server = Valkey(home)
    os.kill(int(server.pid_file.read_text()), signal.SIGKILL)
    user.kill()
    use("Valkey", home).leave()
    assert not server.is_running()


def test_a_damaged_queue_is_set_aside(home, use):
    use("Valkey", home).leave()
    for path in Path(home / "data").rglob("*.aof"):
        path.write_bytes(b"*3\r\n$9\r\nNOCOMMAND\r\n" * 20)
    use("Valkey", home).leave()
    assert (home / "data.broken").exists()


def test_nobody_else_may_reach_the_socket(home, use):
    user = use("Valkey", home)
    assert Valkey(home).socket_path.parent.stat().st_mode & 0o077 == 0
    user.leave()
