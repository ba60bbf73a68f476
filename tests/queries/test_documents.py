"""Documents are found by date, amount and counterparty, with ranges, all of it together; corrections stay beside."""

from dataclasses import dataclass
from datetime import date
from itertools import product

from commands.runs import CompleteStep, ReopenStep, StartRun
from domain.ids import DepartmentId, FieldId, ProcedureId, RoleId, RunId, StepId
from domain.procedures.definition import Definition, Field, Role, Step
from queries.documents import DocumentFilter, DocumentRow, documents
from queries.seen import Viewer
from tests.queries.playing import Company, World, world

INVOICE, RECEIPT = StepId("invoice"), StepId("receipt")
PAYMENT = Definition(
    title="請求書受領・支払",
    department=DepartmentId("hr"),
    roles=(Role(RoleId("clerk"), "経理", "starter"),),
    steps=(
        Step(
            INVOICE,
            "受領・登録",
            RoleId("clerk"),
            fields=(
                Field(FieldId("supplier"), "取引先", document="counterparty"),
                Field(FieldId("on"), "日付", "date", document="date"),
                Field(FieldId("amount"), "金額", "amount", document="amount"),
                Field(FieldId("scan"), "請求書", "file"),
                Field(FieldId("private"), "本人確認の写し", "file", personal=True),
            ),
        ),
        Step(
            RECEIPT,
            "振込",
            RoleId("clerk"),
            after=(INVOICE,),
            fields=(
                Field(FieldId("paid-on"), "振込日", "date", document="date"),
                Field(FieldId("slip"), "明細", "file"),
            ),
        ),
    ),
)
HIDDEN = "c" * 64


@dataclass
class Books:
    """A company that pays invoices."""

    world: World
    company: Company
    procedure: ProcedureId

    async def pay(self, supplier: str, on: str, amount: str, scan: str = "a" * 64) -> RunId:
        """Keep an invoice."""
        run = RunId(self.company.new_id())
        await self.company.do(StartRun(run, self.procedure, f"{supplier}の請求書", {}))
        await self.keep(run, supplier, on, amount, scan)
        return run

    async def keep(self, run: RunId, supplier: str, on: str, amount: str, scan: str = "a" * 64) -> None:
        """Do the first step."""
        form = {"supplier": supplier, "on": on, "amount": amount, "scan": scan, "private": HIDDEN}
        await self.company.do(CompleteStep(run, INVOICE, form, ()))

    async def found(self, where: DocumentFilter, **how: object) -> list[DocumentRow]:
        """All that fits, in pages of two."""
        found: list[DocumentRow] = []
        while True:
            after = found[-1].after if found else None
            some = await documents(
                self.world.ask, self.company.tenant, where=where, limit=2, after=after, **how  # type: ignore[arg-type]
            )
            if not some:
                return found
            found += some


async def books(w: World) -> Books:
    company = await w.company()
    return Books(w, company, await company.publish(PAYMENT))


async def test_ranges_of_dates_and_amounts_and_names_are_asked_together(database: str) -> None:
    async with world(database) as w:
        b = await books(w)
        kept = list(product(("株式会社みなと", "こだま印刷"), ("2024-04-01", "2024-05-31"), ("9", "10", "110000")))
        for supplier, on, amount in kept:
            await b.pay(supplier, on, amount)
        await w.shown()
        for since, until, least, most, part in product(
            (None, date(2024, 4, 1), date(2024, 4, 2)),
            (None, date(2024, 5, 30)),
            (None, "10"),
            (None, "10"),
            (None, "みなと"),
        ):
            where = DocumentFilter(since, until, least, most, part)
            expected = sorted(
                (on, amount, supplier)
                for supplier, on, amount in kept
                if (since is None or date.fromisoformat(on) >= since)
                and (until is None or date.fromisoformat(on) <= until)
                and (least is None or int(amount) >= int(least))
                and (most is None or int(amount) <= int(most))
                and (part is None or part in supplier)
            )
            found = await b.found(where)
            assert sorted((str(d.dated), d.amount, d.counterparty) for d in found) == expected
            assert [d.after for d in found] == sorted(d.after for d in found)


async def test_width_and_case_of_a_name_do_not_matter(database: str) -> None:
    async with world(database) as w:
        b = await books(w)
        await b.pay("ＡＢＣ商事", "2024-04-01", "100")
        await w.shown()
        assert len(await b.found(DocumentFilter(counterparty="abc"))) == 1
        assert await b.found(DocumentFilter(counterparty="a%c")) == []


async def test_a_correction_is_a_new_edition_and_the_old_one_stays(database: str) -> None:
    async with world(database) as w:
        b = await books(w)
        run = await b.pay("こだま印刷", "2024-04-01", "100")
        await w.shown()
        [first] = await b.found(DocumentFilter())
        b.company.later(days=1)
        await b.company.do(ReopenStep(run, INVOICE), reason="金額の誤り")
        await b.keep(run, "こだま印刷", "2024-04-01", "110", "b" * 64)
        await w.shown()
        [newest] = await b.found(DocumentFilter(run=run))
        assert (newest.amount, newest.edition, newest.files) == ("110", 2, {"scan": "b" * 64})
        both = await b.found(DocumentFilter(corrected=True))
        assert [(d.edition, d.amount, d.newest) for d in both] == [(1, "100", False), (2, "110", True)]
        assert await b.found(DocumentFilter(file="a" * 64)) == []
        assert [d.edition for d in await b.found(DocumentFilter(file="a" * 64, corrected=True))] == [1]
        assert await b.found(DocumentFilter(), as_of=first.seq) == [first]


async def test_a_later_step_keeps_a_document_of_the_same_deal(database: str) -> None:
    async with world(database) as w:
        b = await books(w)
        run = await b.pay("こだま印刷", "2024-04-01", "100")
        await b.company.do(CompleteStep(run, RECEIPT, {"paid-on": "2024-04-30", "slip": "d" * 64}, ()))
        await w.shown()
        invoice, receipt = await b.found(DocumentFilter(counterparty="こだま"))
        assert (receipt.step_title, str(receipt.dated), receipt.amount) == ("振込", "2024-04-30", "100")
        assert receipt.files == {"slip": "d" * 64}
        assert invoice.files == {"scan": "a" * 64}, "a personal file is none to be found"


async def test_documents_of_hidden_runs_are_found_by_those_who_see_the_runs(database: str) -> None:
    async with world(database) as w:
        b = await books(w)
        await b.pay("こだま印刷", "2024-04-01", "100")
        stranger = await b.company.hire("社外 太郎", "partner")
        await w.shown()
        assert await b.found(DocumentFilter(), viewer=Viewer(stranger, outside=True)) == []
        assert len(await b.found(DocumentFilter(), viewer=Viewer(b.company.owner))) == 1
