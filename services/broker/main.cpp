#include "broker/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(argc, argv, "broker",
                                   "Bellwether broker: sizing, risk gate, orders, paper venue",
                                   bw::broker::wire);
}
