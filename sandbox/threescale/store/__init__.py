# SPDX-License-Identifier: GPL-3.0-or-later
"""The store: plain rows in memory, with what a database is wanted for."""

from .database import Database, ReadOnlyViolation, UniqueViolation
from .state_file import StateFile
from .table import Ref, Row, Table, columns

__all__ = ["Database", "ReadOnlyViolation", "Ref", "Row", "StateFile", "Table", "UniqueViolation", "columns"]
