-- State of machines: who owns them (epoch), where they stand, and what a ledger has still to publish.
CREATE SCHEMA IF NOT EXISTS runtime;

CREATE TABLE runtime.machine (
  kind      text    NOT NULL,
  idx       integer NOT NULL,
  epoch     bigint  NOT NULL,
  has_image boolean NOT NULL DEFAULT false,
  n         bigint  NOT NULL DEFAULT 0,
  position  bigint  NOT NULL DEFAULT 0,
  build     text    NOT NULL DEFAULT '',
  image     bytea   NOT NULL DEFAULT '',
  PRIMARY KEY (kind, idx)
);

CREATE TABLE runtime.machine_unit (
  kind  text    NOT NULL,
  idx   integer NOT NULL,
  unit  bigint  NOT NULL,
  state bytea   NOT NULL,
  PRIMARY KEY (kind, idx, unit)
);

CREATE TABLE runtime.outbox (
  kind   text    NOT NULL,
  idx    integer NOT NULL,
  n      bigint  NOT NULL,
  record bytea   NOT NULL,
  PRIMARY KEY (kind, idx, n)
);

-- The all-in-one process: one state for all machines.
CREATE TABLE runtime.suite (
  name     text   PRIMARY KEY,
  build    text   NOT NULL,
  position bigint NOT NULL,
  image    bytea  NOT NULL
);
