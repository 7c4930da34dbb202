-- What the broker did, for questions; its truth is runtime.machine_unit and its log. Written in the ledger's commit.
-- Decimals are numeric(20,8), exactly the domain's fixed point. Times are timestamptz for people (PostgreSQL keeps
-- microseconds) and, where order within a microsecond matters, the event time in nanoseconds beside it. Ids are
-- bigint: derived ids lie below 2^63. seq is the record's place in its account: the latest one wins.
CREATE SCHEMA broker;

CREATE TABLE broker."order" (
  order_id      bigint        PRIMARY KEY,
  account       bigint        NOT NULL,
  instrument    bigint        NOT NULL,
  side          text          NOT NULL,
  type          text          NOT NULL,
  time_in_force text          NOT NULL,
  purpose       text          NOT NULL,
  quantity      numeric(20,8) NOT NULL,
  limit_price   numeric(20,8) NOT NULL,
  stop_price    numeric(20,8) NOT NULL,
  signal        bigint        NOT NULL,             -- 0: none
  request_id    text          NOT NULL,
  created_at    timestamptz   NOT NULL,
  created_ns    bigint        NOT NULL,
  state         text          NOT NULL DEFAULT 'new',
  reason        text          NOT NULL DEFAULT 'none',
  filled        numeric(20,8) NOT NULL DEFAULT 0,
  average_price numeric(20,8) NOT NULL DEFAULT 0,
  blocked_by    numeric(20,8) NOT NULL DEFAULT 0,   -- the limit or stop price that stood in the way
  seen          numeric(20,8) NOT NULL DEFAULT 0,   -- the price that was compared with it
  updated_at    timestamptz   NOT NULL,
  updated_ns    bigint        NOT NULL,
  seq           bigint        NOT NULL
);
CREATE INDEX order_by_account ON broker."order" (account, created_ns DESC, order_id DESC);
CREATE INDEX order_by_signal ON broker."order" (signal) WHERE signal <> 0;

CREATE TABLE broker.fill (
  fill_id     bigint        PRIMARY KEY,
  order_id    bigint        NOT NULL,
  account     bigint        NOT NULL,
  instrument  bigint        NOT NULL,
  side        text          NOT NULL,
  quantity    numeric(20,8) NOT NULL,
  price       numeric(20,8) NOT NULL,
  fee         numeric(20,8) NOT NULL,
  slippage    numeric(20,8) NOT NULL,
  at          timestamptz   NOT NULL,
  at_ns       bigint        NOT NULL,
  source_time timestamptz
);
CREATE INDEX fill_by_account ON broker.fill (account, at_ns DESC, fill_id DESC);
CREATE INDEX fill_by_order ON broker.fill (order_id);

CREATE TABLE broker.refusal (
  account      bigint        NOT NULL,
  seq          bigint        NOT NULL,
  instrument   bigint        NOT NULL,
  reason       text          NOT NULL,
  signal       bigint        NOT NULL,
  request_id   text          NOT NULL,
  limit_value  numeric(20,8) NOT NULL,
  actual_value numeric(20,8) NOT NULL,
  text         text          NOT NULL,
  at           timestamptz   NOT NULL,
  at_ns        bigint        NOT NULL,
  PRIMARY KEY (account, seq)
);

CREATE TABLE broker.position (
  account      bigint        NOT NULL,
  instrument   bigint        NOT NULL,
  quantity     numeric(20,8) NOT NULL,
  average_cost numeric(20,8) NOT NULL,
  realised     numeric(20,8) NOT NULL,
  at           timestamptz   NOT NULL,
  seq          bigint        NOT NULL,
  PRIMARY KEY (account, instrument)
);

CREATE TABLE broker.cash (
  account  bigint        PRIMARY KEY,
  cash     numeric(20,8) NOT NULL,
  reserved numeric(20,8) NOT NULL,
  equity   numeric(20,8) NOT NULL,
  at       timestamptz   NOT NULL,
  seq      bigint        NOT NULL
);

CREATE TABLE broker.risk_mode (                      -- every change; the highest seq of an account is in force
  account      bigint        NOT NULL,
  seq          bigint        NOT NULL,
  mode         text          NOT NULL,
  reason       text          NOT NULL,
  limit_value  numeric(20,8) NOT NULL,
  actual_value numeric(20,8) NOT NULL,
  at           timestamptz   NOT NULL,
  PRIMARY KEY (account, seq)
);
