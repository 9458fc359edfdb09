"""Proving what cases are found by, where they wait and who handles them (查找、待办和承办核验): the
database keeps it by itself, as it follows from each case, its party, its place and whoever takes
part in it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from casework.audit.faults import Fault

# As the triggers have it that keep them (migrations 0013 and 0036).
_FOUND_BY = text(
    """
    SELECT coalesce(c.number, 'ID ' || s.case_id) FROM case_file c
    FULL JOIN case_search s ON s.case_id = c.id
    WHERE c.id IS NULL OR s.case_id IS NULL OR s.number IS DISTINCT FROM c.number
        OR s.said IS DISTINCT FROM case_said(c.party_id, c.place_id, c.data)
        OR ARRAY(SELECT DISTINCT a FROM unnest(s.authorities) AS a ORDER BY a)
            IS DISTINCT FROM ARRAY(
                SELECT c.authority_id
                UNION SELECT authority_id FROM participant WHERE case_id = c.id ORDER BY 1
            )
    ORDER BY 1
    """
)
_WAITS = text(
    """
    WITH wanted AS (
        SELECT c.id AS case_id, role, seen_by AS authority_id,
            coalesce(c.due_on, DATE '9999-12-31') AS due_on
        FROM case_file c, unnest(array_append(c.awaiting, '')) AS role, LATERAL (
            SELECT c.authority_id
            UNION SELECT authority_id FROM participant WHERE case_id = c.id
        ) AS seen (seen_by)
        WHERE c.ended_at IS NULL AND NOT c.private
    ), kept AS (SELECT case_id, role, authority_id, due_on FROM case_waiting)
    SELECT DISTINCT coalesce(c.number, 'ID ' || apart.case_id) FROM (
        (TABLE wanted EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE wanted)
    ) AS apart LEFT JOIN case_file c ON c.id = apart.case_id
    ORDER BY 1
    """
)
_HANDLED = text(
    """
    WITH wanted AS (
        SELECT id AS case_id, username,
            CASE WHEN ended_at IS NULL THEN coalesce(due_on, DATE '9999-12-31') END AS due_on
        FROM case_file, unnest(handlers_named(data)) AS username
    ), kept AS (SELECT case_id, username, due_on FROM case_handler)
    SELECT DISTINCT coalesce(c.number, 'ID ' || apart.case_id) FROM (
        (TABLE wanted EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE wanted)
    ) AS apart LEFT JOIN case_file c ON c.id = apart.case_id
    ORDER BY 1
    """
)


def faults_of_finding(session: Session) -> list[Fault]:
    """The cases that are found by, wait for, or are handled by, what they do not say. None if all
    is well."""
    return [
        *(Fault(number, None, "查找登记与案件不一致") for number in session.scalars(_FOUND_BY)),
        *(Fault(number, None, "待办登记与案件不一致") for number in session.scalars(_WAITS)),
        *(Fault(number, None, "承办登记与案件不一致") for number in session.scalars(_HANDLED)),
    ]
