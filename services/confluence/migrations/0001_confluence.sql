-- Signals and hold-backs, stored by binary COPY. Partitions are a month of event time (UTC) each, made when the first
-- row of a month comes. at is the event time in microseconds, at_ns in nanoseconds. Prices are numeric(20,8); scores
-- are double precision, bit for bit. contributions is the list of components with their share of the score.
CREATE SCHEMA confluence;

CREATE TABLE confluence.signal (
  signal_id         bigint           NOT NULL,
  at                timestamptz      NOT NULL,
  at_ns             bigint           NOT NULL,
  strategy          bigint           NOT NULL,
  strategy_version  text             NOT NULL,  -- 16 hex digits
  instrument        bigint           NOT NULL,
  timeframe         text             NOT NULL,
  direction         text             NOT NULL,
  score             double precision NOT NULL,
  confidence        double precision NOT NULL,
  reference_price   numeric(20,8)    NOT NULL,
  stop_loss         numeric(20,8)    NOT NULL,  -- 0: none
  take_profit       numeric(20,8)    NOT NULL,  -- 0: none
  data_from_ns      bigint           NOT NULL,
  data_to_ns        bigint           NOT NULL,
  sizing_method     text             NOT NULL,
  sizing_fraction   double precision NOT NULL,
  target_volatility double precision NOT NULL,
  volatility        double precision NOT NULL,
  contributions     jsonb            NOT NULL,
  PRIMARY KEY (signal_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX signal_by_time ON confluence.signal (at DESC, signal_id DESC);

CREATE TABLE confluence.hold_back (
  instrument       bigint           NOT NULL,
  at               timestamptz      NOT NULL,
  kind             text             NOT NULL,  -- the machine kind and seq name the record
  seq              bigint           NOT NULL,
  at_ns            bigint           NOT NULL,
  strategy         bigint           NOT NULL,
  strategy_version text             NOT NULL,
  timeframe        text             NOT NULL,
  reason           text             NOT NULL,
  direction        text             NOT NULL,
  score            double precision NOT NULL,
  from_ns          bigint           NOT NULL,
  to_ns            bigint           NOT NULL,
  PRIMARY KEY (instrument, kind, seq, at)
) PARTITION BY RANGE (at);
