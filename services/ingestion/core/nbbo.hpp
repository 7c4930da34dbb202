#pragma once
// Nbbo: best bid and offer of one instrument over its venues, from rows that speak of one venue,
// perhaps of one side. Ties go to the larger size, then to the venue letter that comes first.
//
// An offer that the newest quote locks or crosses is stale and counts no more until its venue
// quotes again: feeds that pass on national best quotes only (AlgoSeek's, in LEAN's files) never
// say that a venue left a price, and without this rule nine tenths of a day's quotes would be
// crossed.
#include "bellwether/base/fixed.hpp"
#include "bellwether/base/serial.hpp"
#include "bellwether/domain/source.hpp"

namespace bw::ingestion {

class Nbbo {
 public:
  enum class Outcome : std::uint8_t { same, changed, too_many_venues };

  /// Takes over the sides that the row gives; a size (or price) of zero takes the venue's side
  /// away.
  Outcome update(const RawQuote& row);
  /// Bid and ask of the moment, with sizes and venues; a side that nobody gives is zero.
  [[nodiscard]] const Quote& best() const noexcept { return best_; }
  void clear() noexcept;

  void save(Writer& w) const;
  void load(Reader& r);

 private:
  struct Offer {
    Price price;
    Quantity size;
  };
  struct Venue {
    char letter = 0;
    Offer bid;
    Offer ask;
  };
  static constexpr std::size_t kMaxVenues = 32;
  Venue* venue(char letter);
  bool drop_asks_at_or_below(Price bid) noexcept;
  bool drop_bids_at_or_above(Price ask) noexcept;
  void find_bid() noexcept;
  void find_ask() noexcept;

  FixedVector<Venue, kMaxVenues> venues_;
  Quote best_;
};

}  // namespace bw::ingestion
