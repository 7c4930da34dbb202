-- The books, for questions; their truth is runtime.machine_unit and the log. Written in the ledger's commit. Types as
-- in the broker's tables: numeric(20,8), timestamptz with the event time in nanoseconds beside it, bigint ids, and
-- seq, the record's place in its account.
CREATE SCHEMA portfolio;

CREATE TABLE portfolio.ledger_entry (
  entry_id   bigint        PRIMARY KEY,
  account    bigint        NOT NULL,
  debit      text          NOT NULL,
  credit     text          NOT NULL,
  instrument bigint        NOT NULL,              -- 0: none
  amount     numeric(20,8) NOT NULL,
  fill       bigint        NOT NULL,              -- 0: none
  at         timestamptz   NOT NULL,
  at_ns      bigint        NOT NULL
);
CREATE INDEX ledger_entry_by_account ON portfolio.ledger_entry (account, at_ns);

CREATE TABLE portfolio.pnl (                      -- the equity curve
  account      bigint        NOT NULL,
  seq          bigint        NOT NULL,
  realised     numeric(20,8) NOT NULL,
  unrealised   numeric(20,8) NOT NULL,
  fees         numeric(20,8) NOT NULL,
  equity       numeric(20,8) NOT NULL,
  peak_equity  numeric(20,8) NOT NULL,
  drawdown     numeric(20,8) NOT NULL,
  max_drawdown numeric(20,8) NOT NULL,
  at           timestamptz   NOT NULL,
  at_ns        bigint        NOT NULL,
  PRIMARY KEY (account, seq)
);

CREATE TABLE portfolio.position (
  account      bigint        NOT NULL,
  instrument   bigint        NOT NULL,
  quantity     numeric(20,8) NOT NULL,
  average_cost numeric(20,8) NOT NULL,
  realised     numeric(20,8) NOT NULL,
  at           timestamptz   NOT NULL,
  seq          bigint        NOT NULL,
  PRIMARY KEY (account, instrument)
);

CREATE TABLE portfolio.difference (               -- the broker and the books disagree
  account         bigint        NOT NULL,
  seq             bigint        NOT NULL,
  instrument      bigint        NOT NULL,         -- 0: cash
  broker_quantity numeric(20,8) NOT NULL,
  book_quantity   numeric(20,8) NOT NULL,
  broker_cash     numeric(20,8) NOT NULL,
  book_cash       numeric(20,8) NOT NULL,
  at              timestamptz   NOT NULL,
  at_ns           bigint        NOT NULL,
  PRIMARY KEY (account, seq)
);
