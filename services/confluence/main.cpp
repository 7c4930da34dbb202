#include "confluence/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(argc, argv, "confluence",
                                   "Bellwether confluence: strategies, signals and why",
                                   bw::confluence::wire);
}
