"""Every named error of the product. `message` is written for the person who sees it, in their language."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CrmError(Exception):
    """An expected refusal: says what was wrong and what to do. Never a programming mistake."""

    message = _("That did not work. Please try again.")

    def __init__(self, message=None, **details):
        if message is not None:
            self.message = message
        self.details = details
        super().__init__(self.message)

    def __str__(self):
        return str(self.message)


class NoTenant(RuntimeError):
    """Tenant data was touched outside a tenant: a programming mistake, so it is loud and not a CrmError."""


class ImportFileError(CrmError):
    """A file that cannot be imported as it is. Details fill the braces of the message."""

    def __init__(self, **details):
        super().__init__(format_lazy(self.message, **details) if details else None, **details)


class EmptyFile(ImportFileError):
    message = _("The file is empty. Choose a file with a heading row and at least one row below it.")


class NoDataRows(ImportFileError):
    message = _("The file has a heading row but no rows below it.")


class FileTooLarge(ImportFileError):
    message = _("The file is too large. Split it, or save a spreadsheet as CSV, and import the parts.")


class NotATable(ImportFileError):
    message = _("This is not a table. Choose a CSV, TSV, XLSX, XLS or ODS file.")


class UnknownEncoding(ImportFileError):
    message = _("The text encoding of the file could not be recognised. Choose the encoding and try again.")


class BadEncoding(ImportFileError):
    message = _("The file is not valid {encoding} text. Choose another encoding.")


class UnclosedQuote(ImportFileError):
    message = _('A quotation mark that opens in line {line} is never closed. Close or double it: "" stands for one ".')


class DoubledColumn(ImportFileError):
    message = _('The column "{name}" occurs twice (columns {first} and {second}). Rename one of them.')


class TooManyColumns(ImportFileError):
    message = _("The file has too many columns.")


class HeaderRowMissing(ImportFileError):
    message = _("The heading row that was chosen is blank or lies too far below. Choose another row.")


class SheetMissing(ImportFileError):
    message = _("The workbook has no sheet of that name. Choose another sheet.")


class PasswordProtected(ImportFileError):
    message = _("The workbook is protected by a password. Save it without one and try again.")


class DamagedArchive(ImportFileError):
    message = _("The file is damaged and cannot be opened. Save it again and retry.")


class ArchiveTooLarge(ImportFileError):
    message = _("The file unpacks to more than is allowed. Split it, or save it as CSV.")


class NothingToDo(CrmError):
    message = _("This is done already. Reload the page to see how things stand.")


class SearchTooBroad(CrmError):
    message = _("This search takes too long. Type more of the name, or a second word.")


class UnknownParameter(CrmError):
    """A list was asked for with a filter it does not have. Ignored, it would show rows that were to be left out."""

    def __init__(self, names: list[str]):
        super().__init__(
            _("This list has no filter named “%(names)s”. Remove it from the address, or open the list anew.")
            % {"names": ", ".join(names)[:200]}
        )


class BadSort(CrmError):
    def __init__(self, name: str):
        super().__init__(
            _("This list cannot be sorted by “%(name)s”. Click the heading of a column to sort by it.")
            % {"name": name[:80]}
        )


class OutOfSight(CrmError):
    message = _("After this change you could no longer see the entry. Somebody with a wider view has to make it.")


class NothingChosen(CrmError):
    message = _("No rows were chosen. Tick some in the list, then choose what to do with them.")


class CannotShare(CrmError):
    message = _("You may keep this view for yourself only. An administrator or a manager can share it with everybody.")


class NameTaken(CrmError):
    message = _("You already have a view of this name. Choose another name.")


class FilterTooLong(CrmError):
    message = _("These filters are too long to be kept. Take off one of them.")


class ViewChanged(CrmError):
    message = _("Somebody has changed this view since you opened it. Save again to replace that.")


class JobStopped(BaseException):
    """Ends a job's function between two steps. Not an Exception: a job that forgives bad rows must not forgive this."""


class JobCancelled(JobStopped):
    """The person asked for it. Raised by `ctx.progress()`; clean up in `finally`, do not catch."""


class JobLeaseLost(JobStopped):
    """Another attempt holds the job by now, so this one must not write any more."""


class JobDrained(JobStopped):
    """The worker is being stopped; another one goes on from the checkpoint."""


class JobPutOff(JobStopped):
    """The job goes on later, by its own wish: to let others take a turn, or because what it needs is not there yet."""

    def __init__(self, seconds: float = 0):
        self.seconds = seconds
        super().__init__()


class JobOutOfTime(JobStopped):
    """The attempt took longer than its kind allows."""


class JobNotCancellable(CrmError):
    message = _("This job has already ended, so there is nothing to cancel.")


class JobNotRepeatable(CrmError):
    message = _("Only a job that failed, was given up or was cancelled can be tried again.")


class JobWithoutMember(CrmError):
    message = _("The person who started this job is no longer a member, so it was not carried out.")


class AlreadyMember(CrmError):
    message = _("This person is a member already.")


class InvitationClosed(CrmError):
    message = _("This invitation has been used, was withdrawn or has ended. Ask for a new one.")


class InvitationForSomeoneElse(CrmError):
    message = _("This invitation is for another e-mail address. Sign out and open the link again.")


class InvitationJustSent(CrmError):
    message = _("This invitation was sent a moment ago. Wait a minute before you send it again.")


class LastAdministrator(CrmError):
    message = _("A tenant needs an administrator. Make somebody else one first.")


class StaleRights(CrmError):
    message = _("Somebody has changed this since you opened it. Open it again, then make your change.")


class TeamInUse(CrmError):
    message = _("This team still has members, invitations or teams below it. Move them to another team first.")


class TeamBelowItself(CrmError):
    message = _("A team cannot lie below itself. Choose another team above it.")


class UnknownKind(CrmError):
    def __init__(self, *, name, kinds):
        words = _("There are no records called “{name}”. Choose one of: {kinds}.")
        super().__init__(format_lazy(words, name=name, kinds=kinds))


class UnknownField(ImportFileError):
    message = _("There is no field “{name}” that you may fill. Fields: {fields}.")


class UnknownColumn(ImportFileError):
    message = _("The file has no column “{name}”. Its columns: {columns}.")


class FieldMappedTwice(ImportFileError):
    message = _("Two columns are meant to fill the same field ({first}; {second}). Choose one of them.")


class RequiredFieldMissing(ImportFileError):
    message = _("No column is chosen for “{name}”, which every record needs. Columns of the file: {columns}.")


class KeyNotMapped(ImportFileError):
    message = _("Records cannot be matched by {name}, because no column fills it. Choose another way to match.")


class ImportNotAllowed(CrmError):
    message = _("You may not import records of this kind. Ask an administrator of your team.")


class UpdateNotAllowed(CrmError):
    message = _("You may add records but not change them. Choose to skip the rows that are known already.")


class ImportFileGone(CrmError):
    message = _("The uploaded file is no longer kept. Upload it again.")


class ImportIsRunning(CrmError):
    message = _("The import has begun already. Reload the page to see how it stands.")


class ImportIsUndone(CrmError):
    message = _("This import was taken back, so it does not go on. Import the file again.")


class NothingToUndo(CrmError):
    message = _("There is nothing to take back: the import changed nothing, or is undone already.")


class InputNoLongerFits(CrmError):
    message = _("Something that was chosen for this action is no longer there. Open the list and start it anew.")


class TooManySheetRows(CrmError):
    message = _("An Excel sheet holds 1,048,575 rows at most. Export as CSV, or filter the list.")


class ExportNotAllowed(CrmError):
    message = _("You may not export records of this kind. Ask an administrator of your team.")


class UnknownFormat(CrmError):
    message = _("Choose CSV or XLSX as the format of the file.")


class DocumentsUnavailable(CrmError):
    message = _("This server cannot make PDF documents. Ask your operator to install what they need.")


class DocumentTooLong(CrmError):
    message = _("The document would be too long for a PDF. Choose fewer rows, or export them as XLSX or CSV.")


class NoPipeline(CrmError):
    message = _("No pipeline has a stage for this deal. An administrator can add one under “Pipelines”.")


class DealMoved(CrmError):
    """Somebody else has moved the deal since the person looked at it."""

    def __init__(self, *, deal, stage, person):
        words = (
            _("%(person)s has moved “%(deal)s” to “%(stage)s” meanwhile. It was left there.")
            if person
            else _("“%(deal)s” was moved to “%(stage)s” meanwhile. It was left there.")
        )
        super().__init__(words % {"person": person, "deal": deal, "stage": stage}, stage=stage.pk)


class ReasonMissing(CrmError):
    message = _("Say why the deal was lost.")


class StagesMissing(CrmError):
    message = _("A pipeline needs an open stage, one for deals that are won and one for deals that are lost.")


class StageHasDeals(CrmError):
    message = _("There are deals in this stage, so it cannot become a stage of another kind. Move them first.")


class PipelineHasDeals(CrmError):
    message = _("There are deals in this pipeline. Move them to another pipeline first.")


class ReasonHasDeals(CrmError):
    message = _("Deals were lost for this reason, so it is kept. Edit it and take it out of use instead.")


class LastPipeline(CrmError):
    message = _("Deals need a pipeline. Add another one first.")


class LeadConverted(CrmError):
    """Somebody was faster, so that there is one customer and not two."""

    def __init__(self, *, customer, person):
        words = (
            _("%(person)s has converted this lead to “%(customer)s” already.")
            if person
            else _("This lead was converted to “%(customer)s” already.")
        )
        super().__init__(words % {"person": person, "customer": customer})


class LeadNotOpen(CrmError):
    message = _("Nothing is to be decided about this lead any more. Reload the page to see how things stand.")


class ContactElsewhere(CrmError):
    message = _("This contact belongs to another customer.")


class AnsweredMeanwhile(CrmError):
    message = _("Something has happened since you began to write; it is marked below. Read it, then send your reply.")


class AttachmentTooLarge(CrmError):
    message = _("The files are too large for a mail: 15 MB is the most. Send a link, or fewer files.")


class ProductInUse(CrmError):
    """What was quoted and sold stays as it was, so its product stays too."""

    def __init__(self, *, product):
        super().__init__(
            _("“%(product)s” stands in quotes or purchases, so it is kept. Take it off sale instead.")
            % {"product": product}
        )


class QuoteLocked(CrmError):
    message = _("This quote was sent, so it stays as the customer has it. Begin a new version to change something.")


class QuoteEmpty(CrmError):
    message = _("This quote has no lines yet. Add what you offer, then send it.")


class NobodyToWriteTo(CrmError):
    message = _("Nobody of this segment has an e-mail address that may be written to. Choose another segment.")


class TooEarly(CrmError):
    message = _("This moment has passed. Choose one to come, or send it now.")


class CampaignElsewhere(CrmError):
    """Somebody was faster, or the campaign went on by itself."""

    message = _("The campaign is in another state by now. Look at it again, then decide.")


class TrialNotSent(CrmError):
    message = _("The mail server cannot be reached at the moment. Try again in a minute.")


class UnknownReport(CrmError):
    def __init__(self, *, name, reports):
        words = _("There is no report called “{name}”. Choose one of: {reports}.")
        super().__init__(format_lazy(words, name=name[:80], reports=reports))


class UnknownReportParameter(CrmError):
    def __init__(self, *, name, names):
        words = _("This report has no parameter “{name}”. It has: {names}.")
        super().__init__(format_lazy(words, name=name[:80], names=names or "–"))


class BadReportParameter(CrmError):
    def __init__(self, *, name, problem):
        super().__init__(
            format_lazy(
                "{name}{colon}{problem}", name=name, colon=pgettext_lazy("after a label", ": "), problem=problem
            )
        )


class ScheduleNeedsRecipients(CrmError):
    message = _("Nobody of those who were to get this report may see it any more. Choose who shall get it.")


class MailboxNotFetched(CrmError):
    message = _("This mailbox has no server to fetch from, or is not in use.")
