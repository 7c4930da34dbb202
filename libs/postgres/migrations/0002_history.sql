-- Where each writer of history stands in each log: written in the transaction that stores the rows.
CREATE TABLE runtime.history (
  writer     text    NOT NULL,
  kind       text    NOT NULL,
  idx        integer NOT NULL,
  log_offset bigint  NOT NULL DEFAULT 0,
  n          bigint  NOT NULL DEFAULT 0,
  epoch      bigint  NOT NULL DEFAULT 0,
  progress   bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (writer, kind, idx)
);
