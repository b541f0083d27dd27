"""The embedded PostgreSQL: started by the first, stopped by the last, and back after any kill -9."""

import os
import shutil
import signal
import stat

import psutil
import pytest

from b2b.embedded import sockets
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.postgres import Postgres
from tests.embedded.conftest import count, kill_everything_in


def test_the_last_user_stops_the_server(home, use):
    first, second = use("Postgres", home), use("Postgres", home)
    server = Postgres(home)
    first.leave()
    assert server.is_running()
    second.leave()
    assert not server.is_running()
    assert server.postmaster_pid() is None


def test_a_killed_user_counts_no_more(home, use):
    killed, other = use("Postgres", home), use("Postgres", home)
    killed.kill()
    assert Postgres(home).is_running()
    other.leave()
    assert not Postgres(home).is_running()


def test_after_all_users_were_killed_the_next_joins_and_stops(home, use):
    use("Postgres", home).kill()
    server = Postgres(home)
    assert server.is_running()
    use("Postgres", home).leave()
    assert not server.is_running()


def test_committed_rows_survive_kill_9_of_the_whole_server(home, use):
    user = use("Postgres", home)
    server = Postgres(home)
    with server.connect() as connection:
        connection.execute("CREATE TABLE mark (id int)")
        connection.execute("INSERT INTO mark VALUES (1)")
    os.kill(server.postmaster_pid(), signal.SIGKILL)
    user.kill()
    kill_everything_in(home.parent)
    assert (home / "data" / "postmaster.pid").exists()
    server.acquire()
    try:
        assert count(server) == 1
    finally:
        server.release()


def test_orphans_of_a_killed_postmaster_do_not_bar_the_way(home, use):
    use("Postgres", home)
    server = Postgres(home)
    busy = server.connect()
    os.kill(server.postmaster_pid(), signal.SIGKILL)
    server.acquire()
    with server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    busy.close()
    server.release()


def test_a_lock_file_with_a_recycled_process_id_is_cleared(home, use):
    use("Postgres", home).leave()
    (home / "data" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{home / 'data'}\n1\n5432\n\n\n 1 1\nready\n"
    )
    use("Postgres", home).leave()


def test_a_lost_socket_is_replaced(home, use):
    use("Postgres", home).kill()
    server = Postgres(home)
    shutil.rmtree(server.socket_directory)
    assert not server.is_running()
    use("Postgres", home).leave()
    assert server.postmaster_pid() is None


def test_an_interrupted_creation_begins_afresh(home, use):
    (home / "data" / "base").mkdir(parents=True)
    (home / "data" / "postgresql.conf").write_text("half")
    if os.geteuid() == 0:
        shutil.chown(home / "data", *_account())
    use("Postgres", home).leave()


def test_long_paths_get_a_short_private_socket(home):
    deep = home / ("a" * 60) / ("b" * 60)
    directory = sockets.directory_for(deep, ".s.PGSQL.5432")
    assert len(str(directory)) < 90
    assert directory == sockets.directory_for(deep, ".s.PGSQL.5432")
    server = Postgres(deep)
    try:
        server.acquire()
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        server.release()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_starts_it_inside_a_home_nobody_else_may_enter(home, use):
    home.parent.chmod(0o700)
    user = use("Postgres", home)
    server = Postgres(home)
    assert psutil.Process(server.postmaster_pid()).uids().effective != 0
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
    user.leave()


def test_another_version_is_refused_in_words(home, use):
    use("Postgres", home).leave()
    (home / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 14"):
        Postgres(home).acquire()


def test_a_home_that_is_a_file_is_refused_in_words(home):
    home.write_text("")
    with pytest.raises(EmbeddedError, match=r"MIDSTREAM_VAR"):
        Postgres(home).acquire()


def test_the_log_of_a_failed_start_is_shown(home, use):
    use("Postgres", home).leave()
    with (home / "data" / "postgresql.conf").open("a") as settings:
        settings.write("nonsense_setting = 1\n")
    with pytest.raises(EmbeddedError, match="nonsense_setting"):
        Postgres(home).acquire()


def _account() -> tuple[int, int]:
    from b2b.embedded.account import unprivileged

    holder = unprivileged()
    return holder.pw_uid, holder.pw_gid
