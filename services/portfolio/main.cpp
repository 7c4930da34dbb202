#include "portfolio/shell/wiring.hpp"

int main(int argc, char** argv) {
  return bw::service::service_main(
      argc, argv, "portfolio", "Bellwether portfolio: books, profit and loss", bw::portfolio::wire);
}
