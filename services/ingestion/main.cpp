#include "ingestion/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(argc, argv, "ingestion",
                                   "Bellwether ingestion: market data and news, checked",
                                   bw::ingestion::wire);
}
