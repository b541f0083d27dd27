"""Whose webhooks are whose, and from where events are written as messages."""

from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial"), ("outbox", "0002_guards"), ("db", "0002_guards")]

    operations = [
        *(
            operations.row_security(f"exchange_{name}", columns=["organization_id"])
            for name in ("webhooksubscription", "webhookkey", "webhookmessage", "webhookattempt")
        ),
        operations.sql(
            "INSERT INTO exchange_fanout (id, xid, event_id) VALUES (1, 0, '00000000-0000-0000-0000-000000000000')",
            "DELETE FROM exchange_fanout",
        ),
        # A message is what was sent: only its way may change.
        operations.sql(
            """
            CREATE FUNCTION exchange_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'what a webhook message says never changes' USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER message_stays
                BEFORE UPDATE OF subscription_id, event_id, sequence, topic, subject, body, created_at
                ON exchange_webhookmessage FOR EACH ROW EXECUTE FUNCTION exchange_message_stays()
            """,
            "DROP FUNCTION exchange_message_stays() CASCADE",
        ),
    ]
