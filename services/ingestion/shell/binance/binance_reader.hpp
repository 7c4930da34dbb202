#pragma once
// Reads raw recordings of Binance's market-data WebSocket, of the spot and USD-M markets: each line
// `<local receive time, ns> <frame>`. Frames, with or without the combined stream's envelope:
//
//   depthUpdate   A RawDepth for each level, bids first; `begin` and `last` mark the update's
//                 first and last row, U, u and pu are in each. An update without levels is one row
//                 with Side::none, so that its ids are not missed.
//   REST snapshot {"lastUpdateId", "bids", "asks"}: the same with `snapshot` set and update_id =
//                 lastUpdateId. It names no symbol: it is the one that the file's other frames
//                 name, and refused while none or several were named.
//   trade         A RawTrade. aggTrade too, unless the file has single trades of that symbol
//                 before: never both.
//   bookTicker    A RawQuote. Spot sends no stamp with it: source_time is the receive time.
//   {"id": …}     The answer to a subscription: left out.
//
// Any other frame, and one with a field that is missing or is no number, is a RawReject that names
// the field; of the file's one symbol, or of unit 0 where there is none or several.
//
// A row's time is the receive time, or the latest before it where the recorder's clock went back.
#include <functional>
#include <memory>

#include "ingestion/shell/line_reader.hpp"
#include "ingestion/shell/row_reader.hpp"

namespace bw::ingestion {

/// Open the LineReader with this limit: a snapshot of 5,000 levels has 0.4 MB.
inline constexpr std::size_t kMaxBinanceFrameBytes = 8 * 1024 * 1024;

/// The instrument of "BTCUSDT", or an id that is not set.
using FindInstrument = std::function<InstrumentId(std::string_view symbol)>;

/// Whether a file that begins with this line is such a recording.
[[nodiscard]] bool is_binance_recording(std::string_view first_line) noexcept;

/// `file` is the name that rows carry as their origin. Memory: a frame and its levels.
[[nodiscard]] std::unique_ptr<RowReader> make_binance_reader(std::unique_ptr<LineReader> lines,
                                                             std::string_view file,
                                                             FindInstrument find);

}  // namespace bw::ingestion
