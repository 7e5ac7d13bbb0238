from crm.pages.assigning import AssignRows

from ..operations.quotes import assign_quotes


class QuotesAssign(AssignRows):
    def assign(self, rows, owner):
        return assign_quotes(quotes=rows, owner=owner)
