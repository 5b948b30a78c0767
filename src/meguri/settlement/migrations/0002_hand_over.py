"""What the bank has is told apart from what it only will get; a file once written never changes."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

# Until now an approval was already the payment in the books: what was approved counts as handed over at that moment.
_AS_BEFORE = """
UPDATE settlement_payout p SET state = 'sent', handed_at = coalesce(r.sent_at, r.approved_at)
  FROM settlement_settlementrun r WHERE r.id = p.run_id AND p.state IN ('ordered', 'sent');
UPDATE settlement_payout p SET handed_at = coalesce(r.sent_at, r.approved_at)
  FROM settlement_settlementrun r WHERE r.id = p.run_id AND p.state = 'returned';
UPDATE settlement_settlementrun SET state = 'sent', sent_at = approved_at WHERE state = 'approved';
"""

_RULES = """
CREATE FUNCTION settlement_file_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a_bank_file_never_changes' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER a_bank_file_never_changes BEFORE UPDATE OR DELETE ON settlement_transferfile
    FOR EACH ROW EXECUTE FUNCTION settlement_file_stays();

CREATE FUNCTION settlement_payout_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.state, NEW.state) IN (
        ('payable', 'ordered'), ('payable', 'carried'), ('ordered', 'payable'), ('ordered', 'sent'),
        ('sent', 'returned')
    ) THEN
        RAISE EXCEPTION 'a_payout_goes_through_the_bank: from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'sent' AND NOT EXISTS (
        SELECT FROM settlement_settlementrun r WHERE r.id = NEW.run_id AND r.state = 'sent'
    ) THEN
        RAISE EXCEPTION 'a_payout_is_sent_with_its_run' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_payout_goes_through_the_bank BEFORE UPDATE OF state ON settlement_payout
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION settlement_payout_goes_on();
"""
_NO_RULES = """
DROP FUNCTION settlement_file_stays() CASCADE;
DROP FUNCTION settlement_payout_goes_on() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("settlement", "0001_tables")]

    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="settlementrun",
            name="an_approved_run_names_its_approver_and_its_file",
        ),
        migrations.AddField(
            model_name="payout",
            name="handed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="settlementrun",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="settlementrun",
            name="withdrawn_because",
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AddField(
            model_name="settlementrun",
            name="withdrawn_by",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="settlementrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("previewed", "Previewed"), ("run", "Run"), ("approved", "Approved"), ("sent", "Sent"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="previewed",
                max_length=9,
            ),
        ),
        migrations.RunSQL(_AS_BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["sent", "returned"], handed_at__isnull=False)
                | ~Q(state__in=["sent", "returned"]) & Q(handed_at__isnull=True),
                name="only_what_was_handed_to_the_bank_is_paid_or_returned",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementrun",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["previewed", "run"], approved_by__isnull=True, file_digest="")
                | Q(
                    state__in=["approved", "sent", "withdrawn"], approved_by__isnull=False,
                    file_digest__regex="^[0-9a-f]{64}$",
                ),
                name="an_approved_run_names_its_approver_and_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementrun",
            constraint=models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_because="")
                | ~Q(state="withdrawn") & Q(withdrawn_at__isnull=True, withdrawn_because=""),
                name="a_withdrawn_run_has_time_and_reason",
            ),
        ),
        migrations.RunSQL(_RULES, _NO_RULES),
    ]
