"""A lint: which tables of tenants does a statement read or write without saying whose rows it means?

Every tenant table must be bound in its own SELECT, UPDATE or DELETE: `tenant_id` equals the parameter `tenant`, or the
tenant of a table that is bound, here or around. The condition must hold for every row: an AND, no OR; of an outer join
its ON binds the joined table alone.
"""

from collections.abc import Iterator, Set

import sqlglot
from sqlglot import exp

SCOPES = (exp.Select, exp.Update, exp.Delete)


def forgotten(statement: str, tenant_tables: Set[str]) -> list[str]:
    """The names of tables whose tenant is forgotten, by alias where they have one."""
    tree = _read(statement)
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = [name for scope in tree.find_all(*SCOPES) for name in _unbound(scope, tenant_tables, ctes)]
    return [*found, *_inserted_without(tree, tenant_tables)]


def tables(statement: str, tenant_tables: Set[str]) -> set[str]:
    """The tenant tables that a statement names."""
    tree = _read(statement)
    return {table.name for table in tree.find_all(exp.Table)} & tenant_tables


def _read(statement: str) -> exp.Expr:
    """As parsed; a parameter that is sent in binary is a parameter as others are."""
    return sqlglot.parse_one(statement.replace("%b", "%s"), read="postgres")


def _unbound(scope: exp.Expr, tenant_tables: Set[str], ctes: Set[str]) -> list[str]:
    ours = _ours(scope, tenant_tables, ctes)
    return sorted(ours - _bound(scope, ours, tenant_tables, ctes)) if ours else []


def _ours(scope: exp.Expr, tenant_tables: Set[str], ctes: Set[str]) -> set[str]:
    """The tenant tables of a scope, by what they are called there."""
    return {
        table.alias_or_name
        for table in scope.find_all(exp.Table)
        if table.name in tenant_tables and not (table.name in ctes and not table.db) and _scope_of(table) is scope
    }


def _scope_of(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    # What a statement inserts into is no part of what it reads.
    while parent is not None and not isinstance(parent, (*SCOPES, exp.Insert)):
        parent = parent.parent
    return parent


def _bound(scope: exp.Expr, ours: Set[str], tenant_tables: Set[str], ctes: Set[str]) -> set[str]:
    """Those of `ours` that are bound to the parameter, through as many equalities as it takes."""
    around = _scope_of(scope)
    outer = _ours(around, tenant_tables, ctes) if around is not None else set()
    known = _bound(around, outer, tenant_tables, ctes) if around is not None and outer else set()
    # What is no table of a tenant hands on what it was given: the rows of unnest, or of a question within.
    known |= {source.alias for source in scope.find_all(exp.Unnest, exp.Subquery, exp.CTE) if source.alias}
    known |= {cte for cte in ctes if cte not in ours}
    known |= {table.alias for table in scope.find_all(exp.Table) if table.name in ctes and table.alias}
    while True:
        more = {name for name, to in _equalities(scope, ours) if name not in known and (to is None or to in known)}
        if not more:
            return known & ours
        known |= more


def _equalities(scope: exp.Expr, ours: Set[str]) -> Iterator[tuple[str, str | None]]:
    """A table of ours, and what its tenant is said to equal: another table's, or (None) the parameter."""
    where = scope.args.get("where")
    for condition in _all_of(where.this if where else None):
        yield from _equality(condition, ours)
    for join in scope.args.get("joins") or ():
        joined = join.this.alias_or_name
        for condition in _all_of(join.args.get("on")):
            for name, to in _equality(condition, ours):
                if name == joined or not join.side:
                    yield name, to


def _all_of(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Paren):
        yield from _all_of(condition.this)
    elif isinstance(condition, exp.And):
        yield from _all_of(condition.this)
        yield from _all_of(condition.expression)
    elif condition is not None:
        yield condition


def _equality(condition: exp.Expr, ours: Set[str]) -> Iterator[tuple[str, str | None]]:
    if not isinstance(condition, exp.EQ):
        return
    for one, other in ((condition.this, condition.expression), (condition.expression, condition.this)):
        name = _tenant_of(one, ours)
        if name is None or name not in ours:
            continue
        if _is_parameter(other):
            yield name, None
        elif (to := _tenant_of(other, ours)) is not None:
            yield name, to


def _tenant_of(node: exp.Expr, ours: Set[str]) -> str | None:
    """Whose tenant a column is: its table's, or that of the only one there is."""
    if not isinstance(node, exp.Column) or node.name not in ("tenant_id", "tenant"):
        return None
    if node.table:
        return str(node.table)
    return next(iter(ours)) if len(ours) == 1 else None


def _is_parameter(node: exp.Expr) -> bool:
    while isinstance(node, exp.Cast):
        node = node.this
    return isinstance(node, exp.Placeholder) and node.name in ("tenant", "?", "")


def _inserted_without(tree: exp.Expr, tenant_tables: Set[str]) -> list[str]:
    """Tables that rows are added to without naming the column of their tenant first."""
    found = []
    for insert in tree.find_all(exp.Insert):
        target = insert.this
        table = target.find(exp.Table)
        columns = [column.name for column in target.expressions] if isinstance(target, exp.Schema) else []
        if table is not None and table.name in tenant_tables and "tenant_id" not in columns:
            found.append(table.name)
    return found
