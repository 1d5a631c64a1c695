"""Databases of a benchmark on one embedded server."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo


def create_database(server_url: str, name: str, *, with_vector: bool = False) -> str:
    """Its connection string."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = make_conninfo(server_url, dbname=name)
    if with_vector:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create extension vector")
    return url
