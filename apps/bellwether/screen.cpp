#include "screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "bellwether/domain/names.hpp"
#include "words.hpp"

namespace bw::app {

namespace {

constexpr const char* kPlain = "\033[0m";
constexpr const char* kTitle = "\033[7m";
constexpr const char* kHead = "\033[1m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kUp = "\033[32m";
constexpr const char* kDown = "\033[31m";
constexpr const char* kWarn = "\033[33m";

/// Left-aligned in `width` characters, cut with an ellipsis. Counts characters, not bytes.
std::string left(std::string text, std::size_t width) {
  std::size_t n = 0;
  std::size_t cut = std::string::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (n + 1 == width) cut = i;
    ++n;
  }
  if (n > width && cut != std::string::npos) return text.substr(0, cut) + "…";
  if (n < width) text.append(width - n, ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string coloured(const char* colour, const std::string& text) { return colour + text + kPlain; }

std::string coloured_by_sign(double v, const std::string& text) {
  return v > 0 ? coloured(kUp, text) : v < 0 ? coloured(kDown, text) : text;
}

/// The page's text, line by line, to a fixed height.
class Page {
 public:
  explicit Page(ScreenSize size) : size_(size) {}
  void line(const std::string& text) {
    if (used_++ < size_.rows) text_ += (used_ == 1 ? "" : "\n") + text + kPlain + "\033[K";
  }
  void fill_to(int row) {
    while (used_ < row) line("");
  }
  [[nodiscard]] int left() const noexcept { return size_.rows - used_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  ScreenSize size_;
  std::string text_;
  int used_ = 0;
};

std::string money_line(const LiveView& view) {
  if (view.cash().empty()) return coloured(kDim, "no account has traded yet");
  Money realised;
  Money unrealised;
  for (const auto& [key, p] : view.positions()) {
    realised += p.realised;
    unrealised += view.unrealised(p);
  }
  Money fees;
  Money drawdown;
  for (const auto& [account, b] : view.books()) {
    fees += b.fees;
    drawdown += b.max_drawdown;
  }
  const Money gain = realised + unrealised - fees;
  const Money equity = view.equity();
  const double begin = (equity - gain).to_double();
  const std::string share = begin > 0 ? " (" + percent_text(gain.to_double() / begin) + ")" : "";
  return coloured(kHead, "equity " + money_text(equity)) + "   cash " +
         money_text(view.cash_total()) + "   P&L " +
         coloured_by_sign(gain.to_double(), signed_money_text(gain) + share) + "   realised " +
         signed_money_text(realised) + "   max drawdown " + money_text(drawdown);
}

std::vector<std::string> market_rows(const LiveView& view, const Suite& suite) {
  std::vector<std::pair<InstrumentId, LiveView::Market>> busiest(view.markets().begin(),
                                                                 view.markets().end());
  std::stable_sort(busiest.begin(), busiest.end(), [](const auto& a, const auto& b) {
    return a.second.turnover > b.second.turnover;
  });
  std::vector<std::string> rows;
  for (const auto& [id, m] : busiest) {
    const double change =
        m.day_open.is_zero() ? 0 : m.last.to_double() / m.day_open.to_double() - 1;
    rows.push_back(left(suite.symbol(id), 12) + right(price_text(m.last), 11) +
                   coloured_by_sign(change, right(percent_text(change), 10)) +
                   right(short_count(m.turnover), 9));
  }
  return rows;
}

std::vector<std::string> position_rows(const LiveView& view, const Suite& suite) {
  std::vector<const Position*> held;
  for (const auto& [key, p] : view.positions()) {
    if (!p.quantity.is_zero()) held.push_back(&p);
  }
  const auto size_of = [](const Position* p) {
    return std::abs(notional(p->average_cost, p->quantity).raw());
  };
  std::stable_sort(held.begin(), held.end(),
                   [&](const Position* a, const Position* b) { return size_of(a) > size_of(b); });
  std::vector<std::string> rows;
  for (const Position* p : held) {
    const Money gain = view.unrealised(*p);
    rows.push_back(
        left(suite.symbol(p->instrument), 12) + right(p->quantity.to_string(), 10) +
        right(price_text(round_down_to(p->average_cost, Price::from_raw(kDecimalOne / 10'000))),
              12) +
        coloured_by_sign(gain.to_double(), right(signed_money_text(gain), 12)));
  }
  if (rows.empty()) rows.push_back(coloured(kDim, "none"));
  return rows;
}

void add_tables(Page& page, const LiveView& view, const Suite& suite, std::size_t height) {
  const auto markets = market_rows(view, suite);
  const auto positions = position_rows(view, suite);
  const std::string market_title = "MARKET, busiest of " + std::to_string(markets.size());
  page.line(coloured(kHead, left(market_title, 48) + "POSITIONS"));
  page.line(coloured(kDim, left("symbol", 12) + right("last", 11) + right("today", 10) +
                               right("turnover", 9) + "      " + left("symbol", 12) +
                               right("quantity", 10) + right("cost", 12) + right("P&L", 12)));
  for (std::size_t i = 0; i < height; ++i) {
    std::string row = i < markets.size() ? markets[i] : left("", 42);
    row += "      ";
    if (i < positions.size()) {
      const bool more = i + 1 == height && positions.size() > height;
      row += more ? coloured(kDim, "… and " + std::to_string(positions.size() - i) +
                                       " more: bellwether portfolio")
                  : positions[i];
    }
    page.line(row);
  }
}

std::string signal_row(const LiveView::At<Signal>& s, const Suite& suite, std::size_t width) {
  const char* colour = s.event.direction == Direction::long_    ? kUp
                       : s.event.direction == Direction::short_ ? kDown
                                                                : kDim;
  std::array<char, 16> score{};
  std::snprintf(score.data(), score.size(), "%+.2f", s.event.score);
  const std::string head =
      time_text(s.at).substr(11, 5) + " " + left(suite.strategy_name(s.event.strategy), 15) + " ";
  const std::string what = left(std::string(name_of(s.event.direction)), 6) +
                           left(suite.symbol(s.event.instrument), 12) +
                           right(price_text(s.event.reference_price), 10) + right(score.data(), 7) +
                           "  ";
  const std::size_t used = 5 + 1 + 15 + 1 + 6 + 12 + 10 + 7 + 2;
  return head + coloured(colour, what) +
         left(suite.reasons(s.event), width > used ? width - used : 1);
}

void add_signals(Page& page, const LiveView& view, const Suite& suite, std::size_t height,
                 std::size_t width) {
  page.line(coloured(kHead, "SIGNALS, newest first") +
            coloured(kDim, "   time, strategy, direction, price, score, what spoke for it most"));
  std::size_t shown = 0;
  for (auto it = view.signals().rbegin(); it != view.signals().rend() && shown < height;
       ++it, ++shown) {
    page.line(signal_row(*it, suite, width));
  }
  if (shown == 0) {
    page.line(coloured(
        kDim, "none yet: indicators warm up first, then the strategies' thresholds decide"));
    ++shown;
  }
  for (; shown < height; ++shown) page.line("");
}

std::string order_row(const LiveView::Order& o, const Suite& suite, std::size_t width) {
  const OrderState state = o.state.state;
  const char* colour = state == OrderState::filled ? kUp : is_end(state) ? kDim : kWarn;
  const std::string what = state_text(o.state);
  constexpr std::size_t kSaid = 54;
  return time_text(o.at).substr(11, 5) + " " + left(say(suite, o.intent), kSaid) + " " +
         coloured(colour, left(what, width > kSaid + 7 ? width - kSaid - 7 : 1));
}

void add_orders(Page& page, const LiveView& view, const Suite& suite, std::size_t height,
                std::size_t width) {
  std::vector<const LiveView::Order*> newest;
  for (const auto& o : view.orders()) newest.push_back(&o);
  std::stable_sort(newest.begin(), newest.end(),
                   [](const auto* a, const auto* b) { return a->at > b->at; });
  page.line(coloured(kHead, "ORDERS, newest change first"));
  std::size_t shown = 0;
  for (; shown < newest.size() && shown < height; ++shown)
    page.line(order_row(*newest[shown], suite, width));
  if (shown == 0) {
    page.line(coloured(kDim, "none yet"));
    ++shown;
  }
  for (; shown < height; ++shown) page.line("");
}

std::string count_line(const LiveView& view, const ScreenStatus& s) {
  const auto& c = view.counts();
  std::array<char, 240> text{};
  std::snprintf(
      text.data(), text.size(),
      "%s events (%s/s)  signals %llu  held back %llu  orders %llu  fills %llu  refused %llu  "
      "bad rows %llu  gaps %llu",
      short_count(static_cast<double>(s.events)).c_str(), short_count(s.events_per_s).c_str(),
      static_cast<unsigned long long>(c.signals), static_cast<unsigned long long>(c.held_back),
      static_cast<unsigned long long>(c.orders), static_cast<unsigned long long>(c.fills),
      static_cast<unsigned long long>(c.refusals), static_cast<unsigned long long>(c.quarantined),
      static_cast<unsigned long long>(c.gaps));
  return text.data();
}

}  // namespace

std::string render(const LiveView& view, const Suite& suite, const ScreenStatus& s,
                   ScreenSize size) {
  const std::size_t width = static_cast<std::size_t>(std::max(size.columns, 60));
  Page page(size);
  const std::string clock = time_text(s.position) + " UTC   " + s.pace + " ";
  const std::string name = " BELLWETHER   " + s.feed;
  page.line(coloured(kTitle, left(name, width > clock.size() ? width - clock.size() : 1) + clock));
  page.line(money_line(view));
  page.line("");
  // What is fixed takes 11 lines; the rest is shared: half for the tables, the other half for
  // signals and orders.
  const auto rest = static_cast<std::size_t>(std::max(size.rows - 11, 6));
  const std::size_t tables = std::max<std::size_t>(rest / 2 - 1, 2);
  const std::size_t orders = std::max<std::size_t>((rest - tables) / 2 - 1, 1);
  const std::size_t signals = rest - tables - orders;
  add_tables(page, view, suite, tables);
  page.line("");
  add_signals(page, view, suite, signals, width);
  page.line("");
  add_orders(page, view, suite, orders, width);
  page.fill_to(size.rows - 2);
  page.line(coloured(kDim, left(count_line(view, s), width)));
  page.line(
      s.trouble.empty()
          ? coloured(kTitle,
                     left(" Ctrl-C ends and keeps everything   in another terminal: bellwether "
                          "signals | explain ID | orders | portfolio",
                          width))
          : coloured(kWarn, left(s.trouble, width)));
  return page.text();
}

Terminal::Terminal() { std::fputs("\033[?1049h\033[?25l\033[2J", stdout); }

Terminal::~Terminal() {
  std::fputs("\033[?25h\033[?1049l", stdout);
  std::fflush(stdout);
}

ScreenSize Terminal::size() const {
  winsize w{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0) return {};
  return {w.ws_col, w.ws_row};
}

void Terminal::show(const std::string& page) const {
  std::fputs("\033[H", stdout);
  std::fputs(page.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace bw::app
