-- Commands of people for the all-in-one process: it admits them, and answers in the transaction that commits what they
-- caused. A request_id is taken once.
CREATE SCHEMA IF NOT EXISTS app;

CREATE TABLE app.request (
  request_id  text        PRIMARY KEY,
  account     bigint      NOT NULL,
  body        bytea       NOT NULL,             -- bellwether.gateway.v1 request, as in topic gateway.requests
  state       text        NOT NULL DEFAULT 'pending'
              CHECK (state IN ('pending', 'accepted', 'refused', 'withdrawn')),
  reason      text        NOT NULL DEFAULT '',
  order_id    bigint,
  asked_at    timestamptz NOT NULL DEFAULT now(),
  answered_at timestamptz
);

CREATE INDEX request_pending ON app.request (asked_at, request_id) WHERE state = 'pending';
