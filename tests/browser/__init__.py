"""Tests of pages, one package so that the shop they look at is served until the last of them and no longer."""
