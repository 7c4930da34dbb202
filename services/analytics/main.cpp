#include "analytics/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(argc, argv, "analytics",
                                   "Bellwether analytics: indicators over many timeframes",
                                   bw::analytics::wire);
}
