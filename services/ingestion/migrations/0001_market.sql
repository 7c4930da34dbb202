-- Bars, stored by binary COPY. Partitions are a month of close_time (UTC) each, made when the first bar of a month
-- comes. Bars are cut on whole seconds, so timestamptz holds their times exactly; known_ns is the event time, in
-- nanoseconds. Decimals are numeric(20,8), exactly the domain's fixed point.
CREATE SCHEMA market;

CREATE TABLE market.bar (
  instrument bigint        NOT NULL,
  timeframe  text COLLATE "C" NOT NULL,  -- compared byte by byte: it stands in the key
  close_time timestamptz   NOT NULL,
  open_time  timestamptz   NOT NULL,
  open       numeric(20,8) NOT NULL,
  high       numeric(20,8) NOT NULL,
  low        numeric(20,8) NOT NULL,
  close      numeric(20,8) NOT NULL,
  volume     numeric(20,8) NOT NULL,
  vwap       numeric(20,8) NOT NULL,
  trades     bigint        NOT NULL,
  origin     text          NOT NULL,
  known_ns   bigint        NOT NULL,
  PRIMARY KEY (instrument, timeframe, close_time)
) PARTITION BY RANGE (close_time);
